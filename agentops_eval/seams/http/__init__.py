"""The HTTP seam, one adapter per client library, each patched when that library is imported."""

from agentops_eval.seams.http import _aiohttp, _httpx, _urllib3
from agentops_eval.seams.http._own import LONGEST_REPLY, post
from agentops_eval.seams.http._wire_failures import Wire, wire_failure


def install() -> None:
    """Patch every supported library that is imported, now or later; idempotent."""
    _httpx.install()
    _urllib3.install()
    _aiohttp.install()


__all__ = ["LONGEST_REPLY", "Wire", "install", "post", "wire_failure"]
