"""The canary gate: samples of a baseline and a candidate in, a decision out; pure."""
