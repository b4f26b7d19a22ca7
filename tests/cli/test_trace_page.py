"""``trace show --html`` and ``--markdown``: one run, told."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.cli.test_exports import EXPORT
from tests.cli.test_redacted import KEY, run
from tests.cli.test_trace import DEMO

if TYPE_CHECKING:
    from tests.cli._kit import Commands


def words(ae: Commands, name: str = "out/run.html") -> str:
    """What was written."""
    return (ae.folder / name).read_text(encoding="utf-8")


def test_a_golden_is_told_with_the_times_of_the_recording_beside_it(ae: Commands) -> None:
    """The tree is drawn as ever; the page says what was done, by whose leave, and how long it took."""
    drawn = ae("trace", "show", "r.otlp.jsonl").out
    done = ae("trace", "show", "r.otlp.jsonl", "--html", "out/run.html", "--markdown", "run.md")
    assert words(ae, "run.md").startswith("### What <code>refund</code> did\n\nIn ")
    assert (done.code, done.out) == (0, f"{drawn}written to out/run.html\nwritten to run.md\n")
    page = words(ae)
    assert "<b>refund</b> used tools twice" in page
    assert "It changed something once, without asking a person." in page
    assert "by the clock of the run" in page
    (ae.folder / "r.cassette.jsonl").unlink()
    ae("trace", "show", "r.otlp.jsonl", "--html", "out/run.html")
    assert "this file tells no time" in words(ae)
    assert "Durations are unknown: there is no r.cassette.jsonl beside it" in words(ae)


def test_a_recording_that_broke_off_says_so(ae: Commands) -> None:
    """What failed stands at the top, with the reason."""
    assert ae("trace", "show", "raised.cassette.jsonl", "--html", "run.html", "--json").document["runs"]
    assert "KeyError" in words(ae, "run.html")
    assert "The recorded run raised KeyError" in words(ae, "run.html")


def test_an_export_is_told_without_its_secrets(ae: Commands) -> None:
    """Placeholders stand in their place and are explained; --raw shows them."""
    (ae.folder / "one.jsonl").write_text(run(7))
    assert ae("trace", "show", "one.jsonl", "--html", "run.html").code == 0
    page = words(ae, "run.html")
    assert ("[redacted:secret-1]" in page, KEY in page) == (True, False)
    assert "a secret that was taken out" in page
    ae("trace", "show", "one.jsonl", "--html", "run.html", "--raw")
    assert KEY in words(ae, "run.html")


def test_a_page_tells_one_run(ae: Commands) -> None:
    """Of several the ids are named, and the option that chooses one; the pasted command works."""
    spans = EXPORT["resourceSpans"][0]["scopeSpans"][0]["spans"]
    other = json.loads(json.dumps(EXPORT).replace(f"{7:032x}", f"{9:032x}"))
    (ae.folder / "two.jsonl").write_text(f"{json.dumps(EXPORT)}\n{json.dumps(other)}\n")
    done = ae("trace", "show", "two.jsonl", "--html", "run.html")
    assert (done.code, done.out) == (2, "")
    assert f"{7:032x}" in done.err
    assert not (ae.folder / "run.html").exists()
    chosen = done.remedy.removeprefix("add ").split()
    assert ae("trace", "show", "two.jsonl", "--html", "run.html", *chosen).code == 0
    assert words(ae, "run.html").count("<article") == len(spans)


def test_nothing_that_is_read_is_written_over(ae: Commands) -> None:
    """The file that is shown, and a file of which nothing can be told, leave what is there alone."""
    before = (ae.folder / "r.otlp.jsonl").read_bytes()
    assert ae("trace", "show", "r.otlp.jsonl", "--html", "r.otlp.jsonl").code == 2
    assert (ae.folder / "r.otlp.jsonl").read_bytes() == before
    (ae.folder / "run.html").write_text("mine")
    (ae.folder / "nothing.jsonl").write_text(json.dumps({"resourceSpans": []}))
    assert ae("trace", "show", "nothing.jsonl", "--html", "run.html").code in {1, 2}
    assert words(ae, "run.html") == "mine"


def test_agents_that_work_together_have_a_lane_each(ae: Commands) -> None:
    """The demo's team: who handed what to whom, and what each of them came to."""
    assert ae("trace", "show", DEMO / "team.otlp.jsonl", "--html", "run.html").code == 0
    page = words(ae, "run.html")
    for name in ("billing", "shipping", "team"):
        assert f'">{name}</text>' in page
    assert "Who did what" in page
