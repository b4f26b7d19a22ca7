"""Public names that are imported on first use, so that a package costs nothing until it is asked.

The root and ``traces`` have this written out: production code imports them for a few names alone, and must
not pay for the domain.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from importlib import import_module


def lazy(package: str, places: Mapping[str, str]) -> Callable[[str], object]:
    """What a package's ``__init__`` names ``__getattr__`` (PEP 562).

    ``places`` tells in which module each public name lives: one of the package's own, or, with a dot in
    it, one named whole. A name that was asked for once is kept in the package.
    """

    def find(name: str) -> object:
        home = places.get(name)
        if home is None:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value = getattr(import_module(home if "." in home else f"{package}.{home}"), name)
        setattr(sys.modules[package], name, value)
        return value

    return find
