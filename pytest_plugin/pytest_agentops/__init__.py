"""The pytest plugin of agentops-eval: the ``cassette`` mark, and the fixtures ``cassette`` and ``golden``."""
