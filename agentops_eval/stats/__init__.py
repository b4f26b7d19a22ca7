"""Statistics that hold: pure, without I/O, clock or global state."""
