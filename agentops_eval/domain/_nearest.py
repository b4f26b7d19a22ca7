"""The valid name that was probably meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

_LISTED = 12


def nearest(name: str, known: Iterable[str]) -> str:
    """What to write instead of ``name``: the nearest valid name, else the first dozen of them all."""
    names = sorted(known)
    near = difflib.get_close_matches(name.lower(), names, n=1)
    if near:
        return f"did you mean {near[0]!r}?"
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return f"use one of {', '.join(names[:_LISTED])}{more}" if names else ""
