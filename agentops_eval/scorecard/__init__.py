"""Evidence in, levels out: criteria as data, eight dimensions, what blocks each, and a plan."""
