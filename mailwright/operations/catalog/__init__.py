"""The catalog kept true: drafts from gathered facts, comparison with others and with the living DNS, gaps."""
