"""What receivers report of a domain's mail: read, kept, and weighed before its DMARC policy gets stricter."""
