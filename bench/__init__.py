"""Benchmarks: the product beside its limits and its peers, in one run, as ratios. Run by hand, never by a test."""
