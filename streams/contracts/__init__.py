"""The messages between stages and the topics they travel on. Everything else in `streams` may import from here."""
