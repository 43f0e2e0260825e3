"""Side-by-side benchmarks: ragbot beside its peers, in one run, on one machine."""
