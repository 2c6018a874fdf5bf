"""What sources decide without touching anything: dates, repeats, silence, lead times."""
