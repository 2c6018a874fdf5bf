"""Health, metrics and the live page of a worker, on loopback by default."""
