"""What reports on traces of others hold where those hold secrets: in names, arguments, answers, errors."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.test_exports import span
from tests.cli.test_lint import exported

if TYPE_CHECKING:
    from tests.cli._kit import Commands

KEY = "sk-proj-" + "a1B2" * 10


def leaky(ae: Commands, name: str, *, words: str) -> str:
    """A run with the secret wherever a sender can put one."""
    said = json.dumps([{"role": "user", "parts": [{"type": "text", "content": f"{words} {KEY}"}]}])
    tool = {"gen_ai__operation__name": "execute_tool", "gen_ai__tool__name": f"pay {KEY}"}
    tool |= {"gen_ai__tool__call__arguments": json.dumps({"by": KEY}), "agentops__tool__effect": "write"}
    llm = {"gen_ai__operation__name": "chat", "gen_ai__request__model": "big", "error__type": KEY}
    agent = {"gen_ai__operation__name": "invoke_agent", "gen_ai__agent__name": f"desk {KEY}"}
    spans: list[Any] = [
        span(1, f"run {KEY}", **agent),
        span(2, "chat big", 1, **llm, gen_ai__input__messages=said, gen_ai__output__messages=said),
        span(3, f"execute_tool pay {KEY}", 1, **tool),
        span(4, KEY, 1, gen_ai__operation__name="execute_tool", gen_ai__tool__name=f"look {KEY}"),
    ]
    return exported(ae, *spans, name=name)


@pytest.mark.parametrize(
    "words",
    [
        ("lint", "a.jsonl", "--format", "sarif", "--out", "report"),
        ("lint", "a.jsonl", "--format", "junit", "--out", "report"),
        ("lint", "a.jsonl", "--format", "json", "--out", "report"),
        ("lint", "a.jsonl", "--all", "--out", "report"),
        ("diff", "a.jsonl", "b.jsonl", "--html", "report"),
        ("import", "a.jsonl", "--out", "runs"),
        ("import", "a.jsonl", "--as", "golden", "--out", "runs"),
        ("import", "a.jsonl", "--as", "scenario", "--out", "report.yaml"),
    ],
    ids=["sarif", "junit", "json", "text", "html", "cassette", "golden", "scenario"],
)
def test_no_secret_reaches_a_file_or_its_name(ae: Commands, words: tuple[str, ...]) -> None:
    """Reports and imports are redacted, by what they hold and by what they are called."""
    leaky(ae, "a.jsonl", words="hello")
    leaky(ae, "b.jsonl", words="goodbye")
    done = ae("trace", *words)
    assert done.code in (0, 1), done.err
    written = [path for path in ae.folder.rglob("*") if path.is_file() and path.name[:2] not in ("a.", "b.")]
    made = [path for path in written if path.name.startswith("report") or path.parent.name == "runs"]
    assert made
    for path in made:
        assert KEY not in path.name
        assert KEY.encode() not in path.read_bytes()
    assert KEY not in done.out + done.err or words[0] == "diff"


@pytest.mark.parametrize("form", [(), ("--json",), ("--format", "csv")], ids=["text", "json", "csv"])
def test_no_secret_stands_in_an_audit(ae: Commands, form: tuple[str, ...]) -> None:
    """Records and gaps alike: a gap names the tool."""
    done = ae("trace", "audit", leaky(ae, "a.jsonl", words="hello"), *form)
    assert done.code == 0
    assert KEY not in done.out


def strewn(ae: Commands, name: str, *, other: str = "") -> str:
    """An export with the secret wherever only the format, and no message, has a place for it."""
    told = {"key": f"foo.{KEY}", "value": {"stringValue": f"for {KEY}"}}
    packed = {"key": "packed", "value": {"bytesValue": b64encode(f"use {KEY}".encode()).decode()}}
    mixed = {"key": "mixed", "value": {"arrayValue": {"values": [packed["value"], {"stringValue": KEY}]}}}
    one: dict[str, Any] = span(1, "chat", gen_ai__operation__name="chat", gen_ai__request__model=f"llm {KEY}")
    two: dict[str, Any] = span(2, "pay", 1, gen_ai__operation__name="execute_tool", gen_ai__tool__name=KEY)
    one["attributes"] += [told, packed, mixed, {"key": "foo", "value": {"stringValue": other}}]
    one |= {"traceState": f"v={KEY}", "links": [{"traceId": "b" * 32, "spanId": "c" * 16}]}
    one["links"][0]["attributes"] = [told]
    scope = {"scope": {"name": f"scope {KEY}", "version": KEY}, "schemaUrl": f"https://x.example/{KEY}"}
    scopes = [{**scope, "spans": [one, two, {**two, "spanId": "d" * 16, "kind": KEY}]}]
    lines = [
        json.dumps({"resourceSpans": [{"resource": {"attributes": [told]}, "scopeSpans": scopes}]}),
        f'{{"resourceSpans": ["{KEY}',
        json.dumps({f"key {KEY}": KEY}),
    ]
    (ae.folder / name).write_text("\n".join(lines) + "\n")
    return name


@pytest.mark.parametrize(
    "words",
    [
        ("show", "a.jsonl"),
        ("show", "a.jsonl", "--full", "--json"),
        ("stats", "a.jsonl"),
        ("stats", "a.jsonl", "--json", "--by", "llm", "--by", "agent"),
        ("stats", "a.jsonl", "--unknown-llm", "error"),
        ("lint", "a.jsonl", "--all"),
        ("lint", "a.jsonl", "--json"),
        ("audit", "a.jsonl", "--effect", "pay=write"),
        ("import", "a.jsonl", "--out", "runs"),
        ("import", "a.jsonl", "--out", "runs", "--json"),
        ("import", "a.jsonl", "--as", "golden", "--out", "runs"),
        ("push", "a.jsonl", "--dry-run"),
        ("push", "a.jsonl", "--dry-run", "--json"),
    ],
    ids=" ".join,
)
def test_no_secret_is_printed_wherever_a_sender_put_it(ae: Commands, words: tuple[str, ...]) -> None:
    """Names of attributes, bytes, scopes, links, lines that cannot be read: all are shown redacted."""
    strewn(ae, "a.jsonl")
    done = ae("trace", *words)
    assert done.code in (0, 1, 2), done.err
    assert "[redacted:" in done.out + done.err or "bytes" in done.out
    told = done.out + done.err
    assert KEY not in told
    assert b64encode(f"use {KEY}".encode()).decode() not in told


@pytest.mark.parametrize("form", [(), ("--json",)], ids=["text", "json"])
def test_no_secret_stands_in_an_error(ae: Commands, form: tuple[str, ...]) -> None:
    """A file of which nothing can be read is told of without what it holds."""
    for text in (f'{{"a": {KEY}', f"{KEY}\n", f'"{KEY}"', json.dumps([{KEY: KEY}])):
        (ae.folder / "a.jsonl").write_text(text)
        done = ae("trace", "show", "a.jsonl", *form)
        assert KEY not in done.out + done.err


def test_secrets_that_differ_are_no_difference(ae: Commands) -> None:
    """Two runs that differ in nothing but a secret are alike, unless --raw asks for the letter."""
    strewn(ae, "a.jsonl")
    text = (ae.folder / "a.jsonl").read_text()
    (ae.folder / "b.jsonl").write_text(text.replace(KEY, KEY[:8] + KEY[8:].swapcase()))
    assert ae("trace", "diff", "a.jsonl", "b.jsonl").code == 0
    assert ae("trace", "diff", "a.jsonl", "b.jsonl", "--raw").code == 1


def test_equal_secrets_have_equal_placeholders(ae: Commands) -> None:
    """A reader sees that two places of a run hold one key, also where one is the name of an attribute."""
    strewn(ae, "a.jsonl")
    (run,) = ae("trace", "show", "a.jsonl", "--json").document["runs"]
    assert "foo.[redacted:secret-1]" in run["unmapped"]
    assert run["tool_calls"][0]["name"] == "[redacted:secret-1]"


@pytest.mark.parametrize("command", ["show", "lint", "stats", "audit", "push"])
def test_what_there_is_instead_is_told_without_secrets(ae: Commands, command: str) -> None:
    """Where no run fits, the names of agents that there are stand without what is secret in them."""
    leaky(ae, "a.jsonl", words="hello")
    more = ("--endpoint", "http://127.0.0.1:9") if command == "push" else ()
    done = ae("trace", command, "a.jsonl", "--agent", "nobody", *more)
    assert "desk [redacted:secret-1]" in done.out + done.err
    assert KEY not in done.out + done.err
