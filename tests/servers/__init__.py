"""Real nameservers on loopback, one process of each kind a test worker."""
