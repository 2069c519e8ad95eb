"""Mailboxes on a mail host of one's own: Postfix tables in a folder, Sieve scripts by ManageSieve."""
