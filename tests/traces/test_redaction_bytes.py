"""Bytes among the arguments and results of tools: written as hex digits, redacted as what they say."""

from __future__ import annotations

import json

import pytest

from agentops_eval.domain import Json, ToolRequest, ValueReply
from agentops_eval.traces.redaction import Redactor
from tests._events import event
from tests.traces._secrets import LETTERS, SHAPES

KEY = SHAPES["anthropic"][0]


def kept(data: bytes) -> Json:
    return {"$bytes": data.hex()}


@pytest.mark.parametrize("noise", [b"", "é😀".encode(), b"\xff\xfe"])
def test_a_secret_in_bytes_goes(noise: bytes) -> None:
    """The digits of the key are replaced by those of its placeholder; all other bytes stay."""
    redactor = Redactor()
    value: Json = {"blob": kept(noise + b" " + KEY.encode() + b" " + noise), "key": KEY}
    made = redactor.json(value)
    assert made == {"blob": kept(noise + b" [redacted:secret-1] " + noise), "key": "[redacted:secret-1]"}
    assert redactor.json(made) == made
    assert redactor.json(json.dumps(value)) == json.dumps(made)
    assert redactor.find(json.dumps(made)) == ()
    assert len(redactor.find(json.dumps(value))) == 2


def test_learnt_values_and_names_are_found_in_bytes() -> None:
    """What was learnt elsewhere is found there, and what a field gives away there is learnt."""
    redactor = Redactor()
    redactor.learn("drawn-value-1", "nonce")
    assert redactor.json(kept(b"a drawn-value-1")) == kept(b"a [redacted:secret-1]")
    redactor.json(kept(json.dumps({"github_token": LETTERS[:20]}).encode()))
    assert redactor.text(LETTERS[:20]) == "[redacted:secret-1]"
    inner = json.dumps(kept(b"a drawn-value-1")).encode()
    assert redactor.json(kept(inner)) == kept(json.dumps(kept(b"a [redacted:secret-1]")).encode())


def test_digits_that_were_learnt_leave_digits() -> None:
    """Bytes drawn as a secret, known by their hex digits, come back as bytes."""
    redactor = Redactor()
    redactor.learn(bytes(range(40, 56)).hex(), "secret")
    made = redactor.json(kept(bytes(range(40, 56)) + b"!"))
    assert made == kept(b"[redacted:secret-1]!")


def test_raw_bytes_of_tools_are_redacted() -> None:
    """Arguments that were not rendered yet are, where they hold a secret."""
    asked = ToolRequest(name="t", arguments={"data": KEY.encode()})
    made = Redactor().event(event(0, asked, ValueReply(value=kept(KEY.encode()))))
    assert made.request == ToolRequest(name="t", arguments={"data": kept(b"[redacted:secret-1]")})
    assert made.outcome == ValueReply(value=kept(b"[redacted:secret-1]"))


def test_what_holds_no_secret_stays() -> None:
    """Pictures, digits that are no bytes, and texts of that name come back as the same object."""
    values: list[Json] = [
        kept(bytes(range(256)) * 4),
        {"$bytes": "abc"},
        {"$bytes": "a text"},
        {"$bytes": ""},
    ]
    for value in values:
        assert Redactor().json(value) is value
