"""The trials of a search on several devices: `python -m nitro.fleet`."""
