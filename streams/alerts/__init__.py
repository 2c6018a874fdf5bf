"""When a story is worth an alert, and what that spends."""
