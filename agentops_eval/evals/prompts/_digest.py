"""Digests: what a version is recognised by."""

from __future__ import annotations

import hashlib

_SHORT = len("sha256:") + 12


def sha256(text: str) -> str:
    """The digest of a text."""
    return "sha256:" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def short(digest: str) -> str:
    """The first digits of a digest, which tell the versions of a project apart."""
    return digest[:_SHORT]
