"""Small agents with one flaw each, for chaos to find: ``flawed`` and ``mended`` in a module a flaw."""
