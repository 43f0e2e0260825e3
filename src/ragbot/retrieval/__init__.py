"""From a follow-up to ranked passages."""
