"""Embeddings of class prompts for `nitro eval --text`."""
