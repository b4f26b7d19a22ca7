"""Everything that a project has shown, on one page: agents, findings, suites, gates, game days."""
