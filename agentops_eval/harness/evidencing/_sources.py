"""The files that prove evidence: whether they are there, and as they were."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import msgspec

_REMEMBERED, _OPEN = 4_096, 32
_LARGEST = 256 * 1024 * 1024


class _Document(msgspec.Struct):
    claims: tuple[str, ...] = ()


class Sources:
    """Looks at files below ``root``; each is read once, as long as not too many others came between."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._resolved = root.resolve()
        self._digest = lru_cache(maxsize=_REMEMBERED)(self._read)
        self._claims = lru_cache(maxsize=_OPEN)(self._read_claims)

    def wrong(self, source: str, digest: str, claim: Callable[[], str]) -> str:
        """Why a file does not prove an item; empty where it is there, has the digest, and tells of the item.

        It tells of it with the item's ``claim``, wherever it lies: else any file of the project would prove
        whatever names it.
        """
        if not source:
            return "it names no file that proves it"
        if not digest:
            return f"it names no digest of {source}"
        found = self._digest(source)
        if found == digest:
            told = claim() in self._claims(source)
            return "" if told else f"{source} does not tell of it: it was copied, changed or made up"
        return found if " " in found else f"{source} was changed since"

    def _read_claims(self, source: str) -> frozenset[str]:
        try:
            path = self._root / source
            if path.stat().st_size > _LARGEST:
                return frozenset()
            return frozenset(msgspec.json.decode(path.read_bytes(), type=_Document).claims)
        except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return frozenset()

    def _read(self, source: str) -> str:
        """The digest of a file, or what is wrong with it: a sentence."""
        try:
            path = (self._root / source).resolve()
            if not path.is_relative_to(self._resolved):
                return f"{source} is not in the project"
            if not path.is_file():  # a pipe would never end
                return f"{source} is missing"
            return digest_of_file(path)
        except (OSError, ValueError, RuntimeError) as error:
            return f"{source} cannot be read: {getattr(error, 'strerror', None) or error}"


def digest_of_file(path: Path) -> str:
    """SHA-256 in hexadecimal digits. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
