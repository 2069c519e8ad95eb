"""What deploying says, in both languages."""
