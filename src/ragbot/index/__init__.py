"""Embedding, lexical index, Chroma store and the incremental sync."""
