"""Redaction under any input: nothing planted survives, nothing else is lost, twice changes nothing."""

from __future__ import annotations

import base64
import json
import string

from hypothesis import assume, given
from hypothesis import strategies as st

from agentops_eval.domain import HttpReply, Json, KeptBody, ToolRequest, ValueReply
from agentops_eval.traces.redaction import RedactionRules, Redactor, find_secrets
from tests._events import event, post, reply

ALNUM = string.ascii_letters + string.digits


def drawn(length: int) -> st.SearchStrategy[str]:
    """Random letters and digits, with at least one of each."""
    body = st.text(ALNUM, min_size=length - 2, max_size=length - 2)
    return st.tuples(body, st.sampled_from(string.digits), st.sampled_from("xyZ")).map("".join)


SECRETS = st.one_of(
    st.tuples(st.sampled_from(["sk-", "sk-ant-api03-", "sk-proj-"]), drawn(40)).map("".join),
    st.tuples(st.just("AIza"), drawn(35)).map("".join),
    st.tuples(st.sampled_from(["ghp_", "gho_", "hf_", "gsk_"]), drawn(36)).map("".join),
    st.tuples(
        st.sampled_from(["AKIA", "ASIA"]), st.text(string.ascii_uppercase, min_size=16, max_size=16)
    ).map("".join),
    st.tuples(drawn(20), drawn(30), drawn(40)).map(lambda p: f"eyJ{p[0]}.eyJ{p[1]}.{p[2]}"),
)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
JSONS: st.SearchStrategy[Json] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)
SPACED = st.tuples(TEXT, st.sampled_from([" ", "\n", '"', ", ", "=", "é"]))


@st.composite
def planted(draw: st.DrawFn) -> tuple[str, Json]:
    """A secret and a JSON value that holds it somewhere, possibly in JSON inside JSON."""
    secret = draw(SECRETS)
    before, space = draw(SPACED)
    value: Json = f"{before}{space}{secret} {draw(TEXT)}"
    for _ in range(draw(st.integers(0, 3))):
        way = draw(st.integers(0, 2))
        if way == 0:
            value = [value]
        elif way == 1:
            value = {"k": draw(JSONS), "z": value}
        else:
            value = json.dumps(value)
    return secret, value


@given(planted())
def test_no_planted_secret_survives(case: tuple[str, Json]) -> None:
    """A secret anywhere in JSON, nested and escaped, is gone, and the detector finds nothing after."""
    secret, value = case
    redactor = Redactor()
    redacted = redactor.json(value)
    assert secret not in json.dumps(redacted, ensure_ascii=False)
    assert find_secrets(json.dumps(redacted, ensure_ascii=False)) == ()
    assert redactor.json(redacted) == redacted


@given(
    planted(), st.integers(1, 60), st.sampled_from(["application/json", "text/event-stream", "text/plain"])
)
def test_no_planted_secret_survives_in_chunks(case: tuple[str, Json], size: int, kind: str) -> None:
    """However a body is cut, its secret goes, its chunks stay in number, and none trips the detector."""
    secret, value = case
    data = f"data: {json.dumps(value)}\n\n".encode() if "event" in kind else json.dumps(value).encode()
    chunks = [data[at : at + size] for at in range(0, len(data), size)]
    answer = reply(*chunks, headers=(("content-type", kind),))
    redactor = Redactor()
    redacted = redactor.event(event(0, post("https://h/", data), answer))
    assert isinstance(redacted.outcome, HttpReply)
    assert isinstance(redacted.outcome.body, KeptBody)
    kept = redacted.outcome.body
    assert secret.encode() not in kept.data
    assert len(kept.chunks) == len(chunks)
    for chunk in kept.chunks:
        assert find_secrets(chunk.data.decode("utf-8", "replace")) == ()
    assert redactor.event(redacted) == redacted


@given(JSONS)
def test_redaction_is_idempotent_and_keeps_shape(value: Json) -> None:
    """Any JSON value is redacted once and for all, and keeps its structure."""
    redactor = Redactor(RedactionRules(emails=True))
    once = redactor.json(value)
    assert redactor.json(once) == once
    assert shape(once) == shape(value)


def shape(value: Json) -> object:
    """The structure without the strings."""
    if isinstance(value, dict):
        return [shape(item) for item in value.values()]
    if isinstance(value, list):
        return [shape(item) for item in value]
    return str if isinstance(value, str) else value


@given(
    st.text(
        st.sampled_from('{}[]":,\\ \n=@.-_/abcdefgkopsswrdy0123456789AKIz[redacted:secret-1]'), max_size=300
    )
)
def test_any_text_is_settled_after_one_pass(text: str) -> None:
    """Texts made of the detectors' own letters redact to a fixed point."""
    redactor = Redactor(RedactionRules(emails=True))
    once = redactor.text(text)
    assert redactor.text(once) == once
    assert find_secrets(once) == ()


@given(st.binary(max_size=600), st.booleans())
def test_media_and_binary_come_back_as_they_were(data: bytes, safe: bool) -> None:
    """Random bytes, as they are or in base64, are never taken for keys."""
    encode = base64.urlsafe_b64encode if safe else base64.b64encode
    url = "data:image/png;base64," + encode(data).decode()
    body = json.dumps({"image": url, "data": encode(data).decode()}).encode()
    request = post("https://h/", body)
    assert Redactor().request(request).body == body
    assert Redactor().request(post("https://h/", data)).body == data


@given(planted(), st.integers(1, 9), st.integers(1, 9))
def test_an_echo_of_a_placeholder_redacts_like_the_secret(
    case: tuple[str, Json], first: int, number: int
) -> None:
    """Replacing the secret by any placeholder of its kind beforehand gives the same document."""
    secret, value = case
    assume("redacted" not in json.dumps(value))
    redactor = Redactor()
    live = redactor.json(value)
    assume(live != value)
    kind = json.dumps(live).partition("[redacted:")[2].partition("]")[0].rpartition("-")[0]
    text = json.dumps(value, ensure_ascii=False).replace(secret, f"[redacted:{kind}-{number}]")
    assert redactor.json(json.loads(text)) == live


@given(st.recursive(SECRETS | TEXT, lambda inner: st.lists(inner, max_size=3), max_leaves=6))
def test_values_of_tools_leave_no_secret(value: Json) -> None:
    """A tool's answer is redacted inside its event."""
    asked = ToolRequest(name="t", arguments={})
    outcome = Redactor().event(event(0, asked, ValueReply(value=value))).outcome
    assert isinstance(outcome, ValueReply)
    assert find_secrets(json.dumps(outcome.value)) == ()
