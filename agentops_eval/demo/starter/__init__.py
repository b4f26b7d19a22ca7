"""The project that ``agentops-eval init`` writes: an agent, its test, a scenario, and their recording."""

from agentops_eval.demo.starter._starter import (
    record_starter,
    scripted_llm,
    starter_files,
    starter_rules,
    write_starter,
)

__all__ = ["record_starter", "scripted_llm", "starter_files", "starter_rules", "write_starter"]
