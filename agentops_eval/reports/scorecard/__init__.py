"""Scorecards in the formats that people read; public names are in ``reports``."""
