"""The embedded nameserver, for trials, tests and closed networks; it serves loopback only."""
