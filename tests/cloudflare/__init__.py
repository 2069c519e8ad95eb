"""Cloudflare: a stand-in of its API, an engine in little, and the real plugin where it is there."""
