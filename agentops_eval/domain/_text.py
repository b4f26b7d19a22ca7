"""Text for messages: cut to a length, things counted in it, moments as files have them."""

from __future__ import annotations

from datetime import UTC, datetime


def shorten(text: str, limit: int) -> str:
    """At most ``limit`` characters, the end replaced by ``...``."""
    return text if len(text) <= limit else text[: max(0, limit - 3)].rstrip() + "..."


def counted(count: int, noun: str) -> str:
    """``1 pair``, ``2 pairs``, ``1,200 more pairs``: of nouns whose plural ends in s."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def moment_text(moment: datetime) -> str:
    """A moment as evidence and reports write it: in UTC, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
