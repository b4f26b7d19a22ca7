"""Game days in the formats that people and other programs read; public names are in ``reports``."""
