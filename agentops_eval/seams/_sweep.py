"""Reaching cached references: ``from time import sleep`` holds the original, whatever is patched.

Modules imported before the first run keep the functions that they imported by name. A sweep over
``sys.modules`` puts the dispatching wrappers in their place, once; later sweeps look only at what
was imported since. References in class bodies, default arguments and closures stay as they are.
"""

from __future__ import annotations

import functools
import sys
import threading
from collections.abc import Callable
from typing import Any

from agentops_eval.seams._callers import may_sweep

_installing = threading.RLock()
_lock = threading.Lock()
_wrappers: dict[int, tuple[object, Callable[..., Any]]] = {}
_swept: set[str] = set()
_size = -1


def once(install: Callable[[], None]) -> Callable[[], None]:
    """Make a patching function that does its work once per process, whichever thread comes first."""
    done = False

    @functools.wraps(install)
    def wrapper() -> None:
        nonlocal done
        with _installing:
            if not done:
                install()
                done = True

    return wrapper


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
    if _wrappers.keys().isdisjoint(map(id, list(namespace.values()))):
        return 0
    cached = [(key, known[1]) for key, value in namespace.items() if (known := _wrappers.get(id(value)))]
    namespace.update(cached)
    return len(cached)
