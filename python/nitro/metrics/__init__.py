"""TorchMetrics' own numbers for embeddings that `nitro eval --embeddings` wrote."""
