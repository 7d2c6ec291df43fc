"""Benchmarks: one file a question; each prints ratios measured in one run, with the quality of the answer beside the time."""
