"""What mail needs beyond the planned records: senders, TLS, policies, names."""
