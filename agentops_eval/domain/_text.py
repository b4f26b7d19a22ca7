"""Text that is cut to a length, for messages."""

from __future__ import annotations


def shorten(text: str, limit: int) -> str:
    """At most ``limit`` characters, the end replaced by ``...``."""
    return text if len(text) <= limit else text[: max(0, limit - 3)].rstrip() + "..."
