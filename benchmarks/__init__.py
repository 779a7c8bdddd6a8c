"""Measure the simulator beside its peers: `python -m benchmarks`."""
