"""Describers: what tells in words what a picture or a recording holds. Which, and when, is `agents/describing.py`'s."""
