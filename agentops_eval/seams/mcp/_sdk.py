"""What is used of the ``mcp`` package, found once it is imported; its types go no further than here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from types import ModuleType
from typing import Any

from agentops_eval.domain import TransportUnsupported
from agentops_eval.seams._signature import signature_of

_SHAPES = {
    "send_raw_request": ["self", "method", "params", "opts"],
    "notify": ["self", "method", "params", "opts"],
    "run": ["self", "on_request", "on_notify", "on_notify_intercept"],
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sdk:
    """The parts that the seam stands on."""

    anyio: ModuleType
    dispatcher: type[Any]  # JSONRPCDispatcher
    message: Callable[[Any], Any]  # SessionMessage
    asked: Callable[..., Any]  # JSONRPCRequest
    told: Callable[..., Any]  # JSONRPCNotification
    error: Callable[..., Exception]  # MCPError


def find_sdk() -> Sdk:
    """The parts of the installed package. Raises TransportUnsupported where it is built differently."""
    try:
        dispatchers = import_module("mcp.shared.jsonrpc_dispatcher")
        types = import_module("mcp_types")
        found = Sdk(
            anyio=import_module("anyio"),
            dispatcher=dispatchers.JSONRPCDispatcher,
            message=import_module("mcp.shared.message").SessionMessage,
            asked=types.JSONRPCRequest,
            told=types.JSONRPCNotification,
            error=import_module("mcp.shared.exceptions").MCPError,
        )
    except (ImportError, AttributeError) as error:
        raise unsupported(str(error)) from error
    for name, wanted in _SHAPES.items():
        method = getattr(found.dispatcher, name, None)
        shape = [] if method is None else list(signature_of(method).parameters)[: len(wanted)]
        if shape != wanted:
            raise unsupported(f"expected  {name}({', '.join(wanted)})\nfound     {name}({', '.join(shape)})")
    return found


def unsupported(difference: str) -> TransportUnsupported:
    """What is raised where the installed package is not the one that the seam was made for."""
    try:
        installed = version("mcp")
    except PackageNotFoundError:
        installed = "of unknown version"
    return TransportUnsupported(
        f"the sessions of mcp {installed} cannot be recorded",
        difference=difference,
        remedy="pip install 'mcp>=2.0'",
    )
