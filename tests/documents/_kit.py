"""A kind of file for the tests, and what is wrong with a text of it."""

from __future__ import annotations

import pytest

from agentops_eval.documents import Document, DocumentKind, read_document
from agentops_eval.domain import GateInvalid

GATE_FILE = DocumentKind(noun="gate file", error=GateInvalid, example="write metrics: [...]")


def read(text: str | bytes, name: str = "gate.yaml") -> Document:
    """The document of a text that can be parsed."""
    return read_document(text if isinstance(text, bytes) else text.encode(), name, GATE_FILE)


def refused(text: str | bytes, name: str = "gate.yaml") -> GateInvalid:
    """The error of a text that cannot be."""
    with pytest.raises(GateInvalid) as caught:
        read(text, name)
    return caught.value
