"""Buckets, distinct authors, baselines, significance: from counted posts to the terms that burst."""
