"""Samples, metrics, suites and reports."""
