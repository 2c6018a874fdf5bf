"""What authors are interested in and how they write, each known by a hash alone."""
