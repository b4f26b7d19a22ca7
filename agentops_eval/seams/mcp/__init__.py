"""The MCP seam: requests of the official client's sessions, patched when the package is imported."""

from agentops_eval.seams.mcp._dispatcher import mcp_effects
from agentops_eval.seams.mcp._patch import install

__all__ = ["install", "mcp_effects"]
