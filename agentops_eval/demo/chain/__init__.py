"""The project of ``demo``: a shop's agents, flawed and mended, and all that is asked of them."""

from agentops_eval.demo.chain._chain import (
    REPORT,
    SCORECARD,
    VERSIONS,
    ChainStep,
    answer,
    chain_steps,
    write_chain,
)

__all__ = ["REPORT", "SCORECARD", "VERSIONS", "ChainStep", "answer", "chain_steps", "write_chain"]
