"""How numbers of things are said in reasons."""

from __future__ import annotations


def many(count: int, noun: str) -> str:
    """``1 pair``, ``2 pairs``, ``1,200 more pairs``."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
