"""Privacy: what identifies a person is found in texts and taken out, and groups too small to publish are not."""
