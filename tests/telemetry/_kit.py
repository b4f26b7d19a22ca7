"""A tracer provider of the test's own, and the blocks of the page about production."""

from __future__ import annotations

import re
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs/how-to/trace-in-production.md"


def blocks() -> list[str]:
    """The Python blocks of the page, as printed."""
    return re.findall(r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
