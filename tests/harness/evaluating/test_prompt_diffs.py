"""The prompts in which two runs differ, for a report."""

from __future__ import annotations

from pathlib import Path

from agentops_eval.domain import Result
from agentops_eval.harness.evaluating import prompt_diffs
from agentops_eval.reports import RowKind


def _results(*versions: str) -> list[Result]:
    return [
        Result(suite="s", case=f"c{n}", versions={"desk": f"{one} sha256:ab"})
        for n, one in enumerate(versions)
    ]


def _prompts(folder: Path) -> Path:
    (folder / "desk").mkdir(parents=True)
    lines = [f"line {number}" for number in range(12)]
    for version, changed in (("1.0", "up to 80 EUR"), ("1.1", "up to 40 EUR")):
        text = "\n".join([*lines, changed])
        (folder / f"desk/v{version}.txt").write_text(f"version: {version}.0\n---\n{text}\n")
    return folder


def test_a_changed_prompt_is_shown_where_it_differs(tmp_path: Path) -> None:
    """Both versions, the line that changed marked as the first, two equal lines before it."""
    folder = _prompts(tmp_path / "prompts")
    (found,) = prompt_diffs(_results("1.0.0"), _results("1.1.0", "1.1.0"), folder, redact=str)
    assert (found.name, found.baseline, found.candidate) == ("desk", "1.0.0", "1.1.0")
    assert [row.kind for row in found.rows] == [RowKind.GAP, RowKind.SAME, RowKind.SAME, RowKind.CHANGED]
    assert (found.rows[-1].left, found.rows[-1].right, found.rows[-1].first) == (
        "up to 80 EUR",
        "up to 40 EUR",
        True,
    )


def test_what_cannot_be_told_apart_is_not_shown(tmp_path: Path) -> None:
    """The same version, several on one side, and one that is not there any more."""
    folder = _prompts(tmp_path / "prompts")
    for before, after in (("1.0.0",), ("1.0.0",)), (("1.0.0", "1.1.0"), ("1.1.0",)), (("1.0.0",), ("2.0.0",)):
        assert prompt_diffs(_results(*before), _results(*after), folder, redact=str) == ()
    assert prompt_diffs(_results("1.0.0"), _results("1.1.0"), tmp_path / "none", redact=str) == ()


def test_secrets_are_taken_out(tmp_path: Path) -> None:
    """What redaction hides is in no report."""
    folder = _prompts(tmp_path / "prompts")
    hide = lambda text: text.replace("80", "[hidden]")  # noqa: E731
    (found,) = prompt_diffs(_results("1.0.0"), _results("1.1.0"), folder, redact=hide)
    assert found.rows[-1].left == "up to [hidden] EUR"
