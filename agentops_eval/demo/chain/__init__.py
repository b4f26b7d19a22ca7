"""The project of ``demo --chain``: a shop's agents, flawed and mended, and all that is asked of them."""

from agentops_eval.demo.chain._chain import (
    SCORECARD,
    VERSIONS,
    ChainStep,
    answer,
    chain_steps,
    project_text,
    write_chain,
)

__all__ = ["SCORECARD", "VERSIONS", "ChainStep", "answer", "chain_steps", "project_text", "write_chain"]
