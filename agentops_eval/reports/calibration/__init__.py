"""Calibration as a page: whether confidence can be taken at its word, and from where on."""
