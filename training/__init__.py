"""Trains EdgeVL's students; docs/training.md says how."""
