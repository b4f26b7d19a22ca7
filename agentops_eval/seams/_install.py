"""Installing every seam once per process; outside a run the patches pass everything through."""

from __future__ import annotations

import threading

from agentops_eval.seams import http, mcp
from agentops_eval.seams._carry import install_carry
from agentops_eval.seams._clock import install_clock
from agentops_eval.seams._entropy import install_entropy
from agentops_eval.seams._guard import install_guard
from agentops_eval.seams._loop import install_loop
from agentops_eval.seams._sweep import sweep

_lock = threading.Lock()
_installed = False


def install() -> None:
    """Patch what must be patched, when the first run of the process opens; cheap afterwards."""
    global _installed
    with _lock:
        if not _installed:
            install_carry()
            install_clock()
            install_entropy()
            install_loop()
            install_guard()
            http.install()
            mcp.install()
            _installed = True
        sweep()
