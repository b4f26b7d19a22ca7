"""Operational measures of agents: objectives, incidents, calibration, tiers, forecasts, drift; pure."""
