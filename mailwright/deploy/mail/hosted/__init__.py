"""Mailboxes at a mail host behind its API: one resource a domain."""
