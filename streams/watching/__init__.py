"""Watching: what a brand, a person or a topic is given: how many speak of it, in what mood, and why."""
