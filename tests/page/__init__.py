"""The page about a company's mail."""
