"""ragbot."""
