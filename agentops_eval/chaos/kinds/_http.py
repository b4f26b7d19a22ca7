"""Every kind of fault at the HTTP seam, in the order in which they are told."""

from __future__ import annotations

from agentops_eval.chaos._kind import Kind
from agentops_eval.chaos.kinds._http_body import BODY_KINDS
from agentops_eval.chaos.kinds._http_llm import LLM_KINDS
from agentops_eval.chaos.kinds._http_network import NETWORK_KINDS
from agentops_eval.chaos.kinds._http_status import STATUS_KINDS
from agentops_eval.chaos.kinds._stream import STREAM_KINDS

HTTP_KINDS: tuple[Kind, ...] = (*NETWORK_KINDS, *STATUS_KINDS, *LLM_KINDS, *BODY_KINDS, *STREAM_KINDS)
