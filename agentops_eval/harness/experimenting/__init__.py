"""Experiments and game days carried out: providers, abort conditions, rollbacks, journals on disk."""
