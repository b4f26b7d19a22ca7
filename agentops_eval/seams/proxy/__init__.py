"""The HTTP seam of other processes: a reverse proxy on loopback, in front of the llms that they ask."""

from agentops_eval.seams.proxy._outgoing import check_forward_proxy
from agentops_eval.seams.proxy._server import Proxy
from agentops_eval.seams.proxy._upstreams import DEFAULTS, Plan, Upstream, plan

__all__ = ["DEFAULTS", "Plan", "Proxy", "Upstream", "check_forward_proxy", "plan"]
