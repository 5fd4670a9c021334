"""Every figure the project claims, measured beside its peers: `python -m benchmarks NAME [--quick]`."""
