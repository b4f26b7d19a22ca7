"""What is shown of exports holds no secrets, unless they are asked for."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.test_exports import span
from tests.cli.test_stats import agent, exported, llm

if TYPE_CHECKING:
    from tests.cli._kit import Commands

KEY = "sk-" + "proj-" + "A1b2C3d4E5f6G7h8I9j0K1l2M3n4"


def run(order: int, **more: Any) -> str:
    """A run whose messages, arguments, error and span's name hold a key."""
    said = json.dumps([{"role": "user", "parts": [{"type": "text", "content": f"Use {KEY} for {order}."}]}])
    told = {"gen_ai__operation__name": "execute_tool", "gen_ai__tool__name": "pay"}
    given = {"gen_ai__tool__call__arguments": json.dumps({"order": order, "api_key": KEY})}
    spans = (
        agent(1, "desk-4711"),
        llm(2, 1, gen_ai__input__messages=said),
        span(3, f"execute_tool pay {KEY}", 1, f"denied for {KEY}", **told, **given, **more),
    )
    return json.dumps(exported(*spans)) + "\n"


@pytest.fixture
def secret(ae: Commands) -> Commands:
    """Two exports with a key in them."""
    (ae.folder / "one.jsonl").write_text(run(7))
    (ae.folder / "two.jsonl").write_text(run(8))
    return ae


@pytest.mark.parametrize("words", [(), ("--full",), ("--json",), ("--full", "--json")])
def test_show_takes_secrets_out(secret: Commands, words: tuple[str, ...]) -> None:
    """Trees, full texts and documents hold placeholders; --raw shows everything."""
    out = secret("trace", "show", "one.jsonl", *words).out
    assert ("[redacted:secret-1]" in out, KEY in out) == (True, False)
    assert KEY in secret("trace", "show", "one.jsonl", *words, "--raw").out


@pytest.mark.parametrize("words", [(), ("--json",)])
def test_diff_takes_secrets_out(secret: Commands, words: tuple[str, ...]) -> None:
    """Text, document and page name what changed without the key beside it; --raw shows everything."""
    files = ("one.jsonl", "two.jsonl", "--html", "diff.html")
    done = secret("trace", "diff", *files, *words)
    page = (secret.folder / "diff.html").read_text()
    assert (done.code, KEY in done.out, KEY in page) == (1, False, False)
    done = secret("trace", "diff", *files, *words, "--raw")
    assert KEY in done.out + (secret.folder / "diff.html").read_text()


def test_lint_takes_secrets_out_of_names(secret: Commands) -> None:
    """A span's name is repeated in every finding about it, in every format."""
    for form in ("text", "json", "sarif", "junit"):
        out = secret("trace", "lint", "one.jsonl", "--format", form, "--all").out
        assert KEY not in out
    findings = secret("trace", "lint", "one.jsonl", "--json").document["findings"]
    assert any("[redacted:" in (one["span"] or "") for one in findings)


def test_a_pattern_of_the_project_is_heeded(secret: Commands) -> None:
    """What the project calls a secret is one here, too."""
    (secret.folder / "pyproject.toml").write_text(
        "[tool.agentops]\nredact_patterns = { shop = 'desk-[0-9]+' }\n"
    )
    out = secret("trace", "show", "one.jsonl").out
    assert ("[redacted:shop-1]" in out, "desk-4711" in out) == (True, False)
