"""Content on request: what is asked for, what is told to a model, and whether what it says is in the evidence."""
