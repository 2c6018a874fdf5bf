"""Telling people and programs: channels, and the part of a worker that follows the alerts for them."""
