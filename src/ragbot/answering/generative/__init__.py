"""Answers written by a chat model, every sentence checked by code before it is shown."""
