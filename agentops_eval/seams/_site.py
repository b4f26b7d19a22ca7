"""Finding the user's line behind a call: the first frame that is neither library nor harness."""

from __future__ import annotations

import sys
from types import FrameType

from agentops_eval.seams._callers import Role, role_of, site_of


def call_site() -> str:
    """The agent's place behind this call as ``module:function:line``; empty where there is none."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        if role_of(frame.f_globals.get("__name__", "")) is Role.AGENT:
            return site_of(frame)
        frame = frame.f_back
    return ""
