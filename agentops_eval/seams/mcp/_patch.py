"""Patching the ``mcp`` package, part by part as it is imported.

A session finds its dispatcher through a descriptor of the class, so that sessions which were made before
the first run of the process are seen as well.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any

import wrapt

from agentops_eval.domain import TransportUnsupported
from agentops_eval.seams._scope import current_scope
from agentops_eval.seams._sweep import once
from agentops_eval.seams.mcp._dispatcher import SeamDispatcher
from agentops_eval.seams.mcp._sdk import Sdk, find_sdk, unsupported
from agentops_eval.seams.mcp._transports import TRANSPORTS, patch_client, patch_transport

_NAME = "_dispatcher"


@once
def install() -> None:
    """Patch sessions and transports, each when it is imported; idempotent.

    Where the package is not the one that this was made for, ``TransportUnsupported`` is raised by the
    first session that is made inside a run.
    """
    for name in TRANSPORTS:
        wrapt.register_post_import_hook(patch_transport, name)
    wrapt.register_post_import_hook(patch_client, "mcp.client.client")
    wrapt.register_post_import_hook(_patch_sessions, "mcp.client.session")


def _patch_sessions(module: ModuleType) -> None:
    session = module.ClientSession
    if isinstance(vars(session).get(_NAME), (_Dispatchers, _Unsupported)):
        return
    try:
        sdk = find_sdk()
        if _NAME not in session.__init__.__code__.co_names:
            raise unsupported("a ClientSession keeps no _dispatcher")
    except TransportUnsupported as error:
        _refuse(session, error)
        return
    setattr(session, _NAME, _Dispatchers(sdk))


class _Dispatchers:
    """Gives each session its dispatcher, with the seam before it."""

    def __init__(self, sdk: Sdk) -> None:
        self._sdk = sdk

    def __get__(self, session: Any, owner: object = None) -> Any:
        if session is None:
            return self
        try:
            found = vars(session)[_NAME]
        except KeyError:
            raise AttributeError(_NAME) from None
        if not isinstance(found, SeamDispatcher):  # it was made before the patch
            found = vars(session)[_NAME] = SeamDispatcher(found, session, self._sdk)
        return found

    def __set__(self, session: Any, dispatcher: Any) -> None:
        vars(session)[_NAME] = SeamDispatcher(dispatcher, session, self._sdk)


class _Unsupported:
    """Marks a class of sessions that cannot be recorded."""


def _refuse(session: Any, error: TransportUnsupported) -> None:
    original = session.__init__

    def refusing(self: Any, *args: Any, **kwargs: Any) -> None:
        if current_scope() is not None:
            raise error
        original(self, *args, **kwargs)

    session.__init__ = refusing
    setattr(session, _NAME, _Unsupported())
