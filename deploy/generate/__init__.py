"""Writes what is kept beside the code and follows from it: `python -m deploy.generate`, `make generated`."""
