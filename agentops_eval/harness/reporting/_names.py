"""Names of pages: made by us of what anybody may have written, so that no two are the same."""

from __future__ import annotations

import hashlib
import re

_DIGITS = 20
"""Nobody finds another text with the same: agents that call themselves anything would take its page."""


def slug(text: str) -> str:
    """A text as part of a file's name: small letters, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower())[:40].strip("-")


def named(whole: str, shown: str) -> str:
    """A name for what ``whole`` is the name of, that no other has; ``shown`` is for people."""
    digest = hashlib.sha256(whole.encode("utf-8", "backslashreplace")).hexdigest()[:_DIGITS]
    return f"{slug(shown)}-{digest}".lstrip("-")


def card_page(agent: str) -> str:
    """Where an agent's scorecard is."""
    return f"scorecards/{named(agent, agent)}.html"
