"""The Python edge of Nitro: runner processes for backends that come as Python packages."""
