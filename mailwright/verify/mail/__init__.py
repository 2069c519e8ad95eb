"""Mail itself, tried: which addresses a server takes, who can log in, where a test mail ends."""
