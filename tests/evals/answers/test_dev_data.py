"""Answers of real runs: what changes no fact passes, what changes an amount fails (optional data)."""

from __future__ import annotations

import json
import os
import re
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.evals._judged import FAIL, judged

DATA = os.environ.get("AGENTOPS_DEV_DATA")
pytestmark = pytest.mark.skipif(DATA is None, reason="AGENTOPS_DEV_DATA names no folder")
AMOUNT = re.compile(r"\$([0-9]+)(?![0-9,.]*[0-9])")


def said(value: Any) -> Iterator[str]:
    """What an assistant said, anywhere in some JSON."""
    if isinstance(value, dict):
        if value.get("role") == "assistant" and isinstance(value.get("content"), str):
            yield value["content"]
        for item in value.values():
            yield from said(item)
    elif isinstance(value, list):
        for item in value:
            yield from said(item)


def answers() -> list[str]:
    with tarfile.open(Path(str(DATA), "tau-bench", "runs.tar.xz")) as tar:
        files = [
            file.read().decode() for one in tar if (file := tar.extractfile(one)) and ".json" in one.name
        ]
    lines = [json.loads(line) for text in files for line in text.splitlines() if line.startswith(("{", "["))]
    return [text for text in dict.fromkeys(text for line in lines for text in said(line)) if len(text) > 40]


def test_layout_case_and_more_words_change_no_fact():
    """No answer fails against itself when it is shouted, quoted, or said with more words."""
    failed = [
        verdict.reason
        for text in answers()
        for other in (text.upper(), f"> {text}", f"{text}\n\nIs there anything else?")
        if (verdict := judged("answer", {"reference": text}, output=other)).value is FAIL
    ]
    assert failed == []


def test_a_changed_amount_always_fails():
    """Every amount that an answer tells once, one dollar more, unless it tells that amount as well."""
    changed = 0
    for text in answers():
        told = AMOUNT.findall(text)
        for match in AMOUNT.finditer(text):
            more = str(int(match[1]) + 1)
            if told.count(match[1]) == 1 and more not in told:
                changed += 1
                other = f"{text[: match.start(1)]}{more}{text[match.end(1) :]}"
                assert judged("answer", {"reference": text}, output=other).value is FAIL, text
    assert changed > 100
