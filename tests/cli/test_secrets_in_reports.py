"""What reports on traces of others hold where those hold secrets: in names, arguments, answers, errors."""

from __future__ import annotations

import json
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
