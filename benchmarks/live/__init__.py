"""Servers and workers of ours as processes of their own, under a temporary home, for benchmarks."""
