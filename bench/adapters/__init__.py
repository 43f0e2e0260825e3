"""One small file for each system under test, imported in that system's own environment."""
