"""Living domains of every kind, taken over."""
