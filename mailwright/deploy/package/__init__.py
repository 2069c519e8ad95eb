"""What programs in other languages see of our provider: its package schema, and MailDomain for them."""
