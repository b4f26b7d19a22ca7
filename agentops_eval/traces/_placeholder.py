"""What stands for a secret in a file: ``[redacted:secret-1]``, or its percent-encoded form in an address."""

from __future__ import annotations

import re

BEGINNING = "[redacted:"
SECRET = "secret"  # noqa: S105 - a word, no password
"""The word of all credentials; what the user's own patterns find has a word of theirs."""

PLACEHOLDER = re.compile(
    r"(?P<open>\[|%5[Bb])redacted(?P<colon>:|%3[Aa])"
    r"(?P<word>[a-z][a-z0-9-]{0,40})-(?P<number>\d{1,9})(?P<close>\]|%5[Dd])"
)
PLACEHOLDER_BYTES = re.compile(PLACEHOLDER.pattern.encode())

PLACEHOLDER_DIGITS = re.compile(rf"{BEGINNING.encode().hex()}(?:[0-9a-f]{{2}}){{3,52}}?5d")
"""A placeholder among bytes that are written as hex digits."""


def placeholder(word: str, number: int | str) -> str:
    """The placeholder of this word and number."""
    return f"{BEGINNING}{word}-{number}]"
