"""Bytes as a JSON document, also where they are not quite JSON."""

from __future__ import annotations

import json

import msgspec

from agentops_eval.domain import Json

BOM = b"\xef\xbb\xbf"
BROKEN = (msgspec.MsgspecError, ValueError, RecursionError)


def decode(data: bytes) -> Json:
    """A JSON document; NaN and bytes that are no UTF-8, which msgspec refuses, are let through.

    Raises one of ``BROKEN`` for what is no JSON.
    """
    try:
        document: Json = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError):
        document = json.loads(data.removeprefix(BOM).decode("utf-8", "replace"))
    return document
