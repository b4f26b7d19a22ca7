"""``trace diff``: runs of any origin are compared step by step."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.test_exports import EXPORT, SPANS, TRACE

if TYPE_CHECKING:
    from tests.cli._kit import Commands


def _export(*spans: Any) -> str:
    return json.dumps({"resourceSpans": [{"resource": {}, "scopeSpans": [{"spans": list(spans)}]}]})


def test_a_golden_equals_its_recording(ae: Commands) -> None:
    """Equality is said with the number of steps, and is exit code 0."""
    done = ae("trace", "diff", "r.otlp.jsonl", "r.cassette.jsonl")
    assert (done.code, done.out) == (0, "r.otlp.jsonl -> r.cassette.jsonl: equal, 3 steps\n")


def test_what_differs_is_told_step_by_step(ae: Commands) -> None:
    """A difference is exit code 1, told with the place in its step, and its last line can be pasted."""
    ae("record", "cli_shop:cents", 1042, "--cassette", "cents.cassette.jsonl")
    done = ae("trace", "diff", "r.otlp.jsonl", "cents.cassette.jsonl")
    assert done.code == 1
    assert "\n~     2 tool issue_refund" in done.out
    assert "arguments amount: 59.9 -> 5990.0\n" in done.out
    assert ae.paste(done.out.splitlines()[-1].removeprefix("The whole of it:").strip()).code == 0
    document = ae("trace", "diff", "r.otlp.jsonl", "cents.cassette.jsonl", "--json").document
    changes = [change for step in document["steps"] for change in step["changes"]]
    assert [59.9, 5990.0] in [[change["before"], change["after"]] for change in changes]


def test_both_sides_are_a_page(ae: Commands) -> None:
    """--html writes one page with both names; the exit code is still that of the difference."""
    done = ae("trace", "diff", "r.otlp.jsonl", "raised.cassette.jsonl", "--html", "diff.html")
    page = (ae.folder / "diff.html").read_text(encoding="utf-8")
    assert done.code == 1
    assert page.startswith("<!doctype html>")
    assert "r.otlp.jsonl" in page
    assert "raised.cassette.jsonl" in page


def test_an_export_equals_the_golden_made_of_it(ae: Commands) -> None:
    """What a framework puts around the calls is no difference, unless --steps asks for it."""
    wrapper = {**SPANS[0], "spanId": "0" * 15 + "9", "name": "graph", "attributes": []}
    wrapped = [wrapper, {**SPANS[0], "parentSpanId": wrapper["spanId"]}, *SPANS[1:]]
    (ae.folder / "prod.jsonl").write_text(_export(*wrapped))
    ae("trace", "import", "prod.jsonl", "--as", "golden", "--out", "g.otlp.jsonl")
    assert ae("trace", "diff", "prod.jsonl", "g.otlp.jsonl").code == 0
    done = ae("trace", "diff", "prod.jsonl", "g.otlp.jsonl", "--steps")
    assert (done.code, "- " in done.out, "graph" in done.out) == (1, True, True)


def test_of_several_runs_one_is_named(ae: Commands) -> None:
    """A file with several runs is refused with the option to add; the option's value may be cut short."""
    other = "b" * 32
    runs = [*SPANS, *({**span, "traceId": other} for span in SPANS)]
    (ae.folder / "prod.jsonl").write_text(_export(*runs))
    done = ae("trace", "diff", "prod.jsonl", "prod.jsonl")
    assert done.code == 2
    assert "prod.jsonl holds 2 runs: " in done.err
    assert done.remedy == f"add --baseline-trace {TRACE}"
    both = ("trace", "diff", "prod.jsonl", "prod.jsonl", "--baseline-trace", TRACE)
    assert ae(*both, "--candidate-trace", "bbbb").code == 0
    none = ae(*both, "--candidate-trace", "cccc")
    assert (none.code, "no run whose trace id begins with cccc" in none.err) == (2, True)


def test_two_runs_of_one_file_are_told_apart(ae: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    """Head, title and columns name both traces, no word is broken, and a command shows the one run."""
    other = "b" * 32
    runs = [*SPANS, *({**span, "traceId": other} for span in SPANS[:2])]
    (ae.folder / "prod.jsonl").write_text(_export(*runs))
    monkeypatch.setenv("COLUMNS", "50")
    both = ("--baseline-trace", TRACE, "--candidate-trace", other, "--html", "diff.html")
    done = ae("trace", "diff", "prod.jsonl", "prod.jsonl", *both)
    first, second = f"prod.jsonl {TRACE}", f"prod.jsonl {other[:12]}"
    head, _, rest = done.out.partition("\n   ")
    assert " ".join(head.split()) == f"{first} -> {second}: 1 removed"
    assert all(len(text) <= 50 for text in head.splitlines())
    page = (ae.folder / "diff.html").read_text(encoding="utf-8")
    assert f"<title>Trace diff: {first} and {second}</title>" in page
    assert f"<span>{first}</span><span>{second}</span>" in page
    *_, more, written = rest.splitlines()
    assert written == "written to diff.html"
    whole = ae.paste(more.removeprefix("The whole of it:").strip())
    assert (whole.code, whole.out.count("trace ")) == (0, 1)


def test_what_could_not_be_read_is_told(ae: Commands) -> None:
    """Problems in either file stand behind the differences, and in the document."""
    (ae.folder / "prod.jsonl").write_text(json.dumps(EXPORT) + "\nnonsense\n")
    assert "1 problem, passed over:" in ae("trace", "diff", "prod.jsonl", "r.otlp.jsonl").out
    document = ae("trace", "diff", "prod.jsonl", "r.otlp.jsonl", "--json").document
    assert (document["problem_count"], "prod.jsonl" in document["problems"][0]["where"]) == (1, True)


@pytest.mark.parametrize("name", ["r.otlp.json1", "missing.otlp.jsonl", "cli_shop.py", "bad.otlp.jsonl", "."])
def test_what_cannot_be_read_is_no_divergence(ae: Commands, name: str) -> None:
    """Unreadable input never ends with the code of a difference."""
    (ae.folder / "bad.otlp.jsonl").write_bytes(b"\xff\xfe")
    assert ae("trace", "diff", "r.otlp.jsonl", name).code == 2
