"""Reaching cached references: ``from time import sleep`` holds the original, whatever is patched.

Modules imported before the first run keep the functions that they imported by name. A sweep over
``sys.modules`` puts the dispatching wrappers in their place, once; later sweeps look only at what
was imported since. References in class bodies, default arguments and closures stay as they are.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from typing import Any

from agentops_eval.seams._callers import may_sweep

_lock = threading.Lock()
_wrappers: dict[int, tuple[object, Callable[..., Any]]] = {}
_swept: set[str] = set()
_size = -1


def register(original: object, wrapper: Callable[..., Any]) -> None:
    """Have later sweeps replace ``original`` by ``wrapper``; the original is kept alive."""
    global _size
    with _lock:
        _wrappers[id(original)] = (original, wrapper)
        _swept.clear()
        _size = -1


def sweep() -> int:
    """Replace cached references in modules not yet swept; returns how many were found."""
    global _size
    if len(sys.modules) == _size:
        return 0
    with _lock:
        fresh = [name for name in list(sys.modules) if name not in _swept]
        found = sum(_sweep_module(name) for name in fresh)
        _swept.update(fresh)
        _size = len(sys.modules)
        return found


def _sweep_module(name: str) -> int:
    if not may_sweep(name):
        return 0
    namespace = getattr(sys.modules.get(name), "__dict__", None)
    if not isinstance(namespace, dict):
        return 0
    found = 0
    for key, value in list(namespace.items()):
        known = _wrappers.get(id(value))
        if known is not None and known[0] is value:
            namespace[key] = known[1]
            found += 1
    return found
