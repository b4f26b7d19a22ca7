"""``eval import``: other tools' suites become a scenario file, and what does not is said."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from agentops_eval.harness import load_suites

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli._kit import Commands

PROMPTFOO = """
prompts: ["Answer: {{q}}"]
tests:
  - description: Capital
    vars: {q: What is the capital of France?}
    assert:
      - {type: icontains, value: paris}
      - {type: javascript, value: "output.length < 9"}
  - vars: {q: Hello}
    assert: [{type: javascript, value: "true"}]
"""


@pytest.fixture
def suites(ae: Commands) -> Commands:
    """A folder with suites of other tools."""
    (ae.folder / "pf.yaml").write_text(PROMPTFOO)
    (ae.folder / "set.test.json").write_text(json.dumps([{"query": "Hi", "reference": "Hello."}]))
    (ae.folder / "none.yaml").write_text("prompts: [x]\ntests: tests.csv\n")
    return ae


def load(folder: Path, name: str):
    loaded = load_suites([folder / name], root=folder)
    assert loaded.problems == ()
    return loaded.suites[0]


def test_what_was_imported_and_what_was_left_out_is_said(suites: Commands) -> None:
    """The count, what was changed, and what was left out with its reason, the same ones together."""
    done = suites("eval", "import", "pf.yaml", "--out", "scenarios/pf.yaml")
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines() == [
        "scenarios/pf.yaml: 2 scenarios, of a configuration of promptfoo",
        "changed:",
        "  prompts[0]  the prompt: the user's input; what is an instruction belongs to the agent",
        "left out:",
        (
            "  tests[0].assert[1] and 1 more  javascript: write it as a function of your own, and name it "
            "module:callable"
        ),
    ]
    assert [one.id for one in load(suites.folder, "scenarios/pf.yaml").scenarios] == ["capital", "hello"]


@pytest.mark.parametrize("out", ["a.yaml", "deep/er/a.json", "A.YML"])
def test_the_file_loads_in_each_form(suites: Commands, out: str) -> None:
    """YAML and JSON hold the same suite; folders are made."""
    document = suites("eval", "import", "pf.yaml", "set.test.json", "--out", out, "--json").document
    assert (document["out"], document["scenarios"]) == (out, 3)
    assert document["forms"] == ["a configuration of promptfoo", "an eval set of ADK"]
    assert [one.id for one in load(suites.folder, out).scenarios] == ["capital", "hello", "set"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("pf.yaml", "--out", "pf.yaml"), "there is a file already"),
        (("pf.yaml", "--out", "a.csv"), "is YAML or JSON"),
        (("nope.yaml", "--out", "a.yaml"), "there is no such file"),
        (("cli_shop.py", "--out", "a.yaml"), "is not that of a scenario file"),
        (("pf.yaml", "other.yaml", "--out", "a.yaml"), "no suite of another tool that is known"),
        (("ours.yaml", "--out", "a.yaml"), "this is a scenario file already"),
        (("pf.yaml", "--out", "pf.yaml/a.yaml"), "cannot be written"),
    ],
    ids=["there", "suffix", "missing", "no data", "unknown", "ours", "below a file"],
)
def test_nothing_is_overwritten_and_nonsense_is_refused(
    suites: Commands, words: tuple[str, ...], said: str
) -> None:
    """An error says what is wrong before anything is written."""
    (suites.folder / "other.yaml").write_text("services: {}\n")
    (suites.folder / "ours.yaml").write_text("scenarios: [{id: a, input: x}]\n")
    before = sorted(path.name for path in suites.folder.iterdir())
    done = suites("eval", "import", *words)
    assert (done.code, said in done.err) == (2, True)
    assert sorted(path.name for path in suites.folder.iterdir()) == before


def test_where_no_case_is_kept_nothing_is_written(suites: Commands) -> None:
    """Exit code 1, every reason, and no file."""
    done = suites("eval", "import", "none.yaml", "--out", "a.yaml")
    assert (done.code, (suites.folder / "a.yaml").exists()) == (1, False)
    assert done.out.startswith("nothing was imported of a configuration of promptfoo\n")


def test_hostile_texts_are_shown_and_not_obeyed(suites: Commands) -> None:
    """Control characters of a file are printed as escapes."""
    tests = [{"vars": {"q": "x"}, "assert": [{"type": "\x1b[2Jgone"}]}]
    (suites.folder / "bad.json").write_text(json.dumps({"prompts": ["{{q}}"], "tests": tests}))
    done = suites("eval", "import", "bad.json", "--out", "a.yaml")
    assert ("\x1b" in done.out, "\\x1b[2Jgone" in done.out) == (False, True)
