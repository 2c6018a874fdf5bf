"""Benchmarks: each measures a part of Redian beside a named reference, interleaved in the same run."""
