"""``prompt``: versions compared, listed, approved and checked, as people and scripts use it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.cli._kit import process

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli._kit import Commands

HEAD = """version: {version}
llm: some-llm
parameters: {{temperature: {temperature}}}
variables: {{customer: null{more}}}
tools: {tools}
---
"""
TEXT = """You answer {{customer}} in a few plain sentences.

Refund the price of a broken order, up to 80.00 EUR per order.
Never say that something was done unless a tool reported that it was.
"""


def tools(required: str, description: str = "Pay money back.") -> str:
    """One tool, in JSON."""
    properties = {"order": {"type": "integer"}, "reason": {"type": "string"}}
    schema = {"type": "object", "properties": properties, "required": [required]}
    return json.dumps([{"name": "issue_refund", "description": description, "parameters": schema}])


def write_prompts(folder: Path) -> None:
    """Two versions of one prompt that differ in everything, and a file that is none."""
    (folder / "desk").mkdir(parents=True)
    first = HEAD.format(version="1.0.0", temperature=0.2, more="", tools=tools("order")) + TEXT
    second = HEAD.format(version="1.1.0", temperature=0.7, more=", tone: kind", tools=tools("reason"))
    second += TEXT.replace("plain", "{{tone}}").replace("80.00", "120.00")
    (folder / "desk/v1.0.txt").write_text(first)
    (folder / "desk/v1.1.txt").write_text(second)
    (folder / "broken.txt").write_text("no head")


@pytest.fixture
def prompts(ae: Commands) -> Path:
    """The prompts of the project, all of them in order."""
    write_prompts(ae.folder / "prompts")
    (ae.folder / "prompts/broken.txt").unlink()
    return ae.folder / "prompts"


def test_a_difference_is_told_part_by_part(ae: Commands, prompts: Path) -> None:
    """Words, parameters, variables and tools are told, with what breaks, and the exit code is 1."""
    done = ae("prompt", "diff", "v1.0", "v1.1")
    assert (done.code, done.err) == (1, "")
    assert done.out == (
        "desk 1.0.0 -> 1.1.0\n"
        "  prompts/desk/v1.0.txt -> prompts/desk/v1.1.txt\n"
        "  text: 2 words removed, 2 added\n"
        "    line 7\n"
        "      You answer {{customer}} in a few [-plain-]{+{{tone}}+} sentences.\n"
        "    line 9\n"
        "      ... of a broken order, up to [-80-]{+120+}.00 EUR per order.\n"
        "  parameters\n"
        "    temperature: 0.2 -> 0.7\n"
        "  variables\n"
        "    tone: added (default 'kind')\n"
        "  tools: 2 changes, 1 breaking\n"
        "    issue_refund order: parameter optional\n"
        "    breaking: issue_refund reason: parameter required\n"
    )


def test_equal_versions_are_equal(ae: Commands, prompts: Path) -> None:
    """A version and itself, however it is named, do not differ: exit code 0."""
    for other in ("1.0", "desk@1.0.0", "prompts/desk/v1.0.txt"):
        done = ae("prompt", "diff", "v1.0", other)
        assert (done.code, "nothing changed" in done.out) == (0, True)
    assert ae("prompt", "diff", "v1.0", "1.0", "--json").document["words"] == []


def test_the_approved_version_is_compared_with_the_latest(ae: Commands, prompts: Path) -> None:
    """What is about to be approved can be read against what was."""
    assert ae("prompt", "diff", "approved", "latest").code == 2
    assert ae("prompt", "approve", "desk", "1.0").code == 0
    done = ae("prompt", "diff", "desk@approved", "latest", "--json").document
    assert (done["before"]["version"], done["after"]["version"], done["breaking"]) == ("1.0.0", "1.1.0", 1)


def test_of_several_prompts_one_has_to_be_named(ae: Commands, prompts: Path) -> None:
    """A version alone means nothing where there are several prompts, and the error says how to say which."""
    (prompts / "other.txt").write_text("version: 1\n---\nOther.")
    done = ae("prompt", "diff", "1.0", "1.1")
    assert (done.code, done.remedy) == (2, "add --prompt desk, or write NAME@1.0")
    assert ae("prompt", "diff", "1.0", "1.1", "--prompt", "desk").code == 1
    assert ae("prompt", "diff", "desk@1.0", "other@1").code == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("1.0", "2.0"), "there is no version 2.0.0 of desk"),
        (("1.0", "nix"), "'nix' is no version of a prompt, and no file"),
        (("dsk@1.0", "1.0"), "did you mean 'desk'?"),
        (("HEAD:nix.txt", "1.0"), "git has no such file"),
        (("1.0", "1.1", "--prompts", "nowhere"), "there is no folder of prompts"),
    ],
    ids=["version", "word", "name", "revision", "folder"],
)
def test_what_cannot_be_compared_is_an_error(
    ae: Commands, prompts: Path, words: tuple[str, ...], said: str
) -> None:
    """A word that means no prompt is exit code 2, and the error says what would."""
    done = ae("prompt", "diff", *words)
    assert (done.code, said in done.err) == (2, True), done.err


def test_from_approval_to_edit(ae: Commands, prompts: Path) -> None:
    """Versions are approved once, listed as such, and an edit is found by the check."""
    assert ae("prompt", "check").out.splitlines()[-1] == "2 versions of 1 prompt, 0 approvals: 0 errors"
    assert ae("prompt", "check", "--all-approved").code == 1
    first = ae("prompt", "approve", "desk", "1.0", "--role", "support lead")
    assert first.out.startswith("approved desk 1.0.0 sha256:")
    assert "since 1.0.0: 2 words removed, 2 added" in ae("prompt", "approve", "desk", "latest").out
    assert "was approved already" in ae("prompt", "approve", "desk", "1.1").out
    assert ae("prompt", "check", "--all-approved").code == 0
    listed = ae("prompt", "log").out.splitlines()
    assert [line.split()[:2] for line in listed[1:]] == [["1.0.0", "approved"], ["1.1.0", "approved"]]
    assert listed[1].endswith("as support lead")
    assert listed[2].endswith("2 words removed, 2 added; temperature, variables, tools")

    path = prompts / "desk/v1.0.txt"
    path.write_text(path.read_text().replace("plain", "short"))
    checked = ae("prompt", "check")
    assert (checked.code, checked.out.startswith("error: prompts/desk/v1.0.txt: desk 1.0.0 was edited")) == (
        1,
        True,
    )
    assert ae("prompt", "log", "desk").code == 1
    again = ae("prompt", "approve", "desk", "1.0")
    assert (again.code, "AE504" in again.err) == (1, True)
    path.unlink()
    assert "its file is gone" in ae("prompt", "log").out
    assert ae("prompt", "check", "--json").document["findings"][0]["rule"] == "prompt-gone"


def test_approving_is_refused_in_ci(ae: Commands, prompts: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """CI checks approvals and makes none."""
    monkeypatch.setenv("CI", "true")
    done = ae("prompt", "approve", "desk", "1.0")
    assert (done.code, "AE301" in done.err, (prompts / "approved.jsonl").exists()) == (2, True, False)
    assert ae("prompt", "check").code == 0


def test_files_that_cannot_be_read_are_exit_code_2(ae: Commands, prompts: Path) -> None:
    """The rest is told, and what cannot be read is told with it."""
    (prompts / "broken.txt").write_text("no head")
    checked, listed = ae("prompt", "check"), ae("prompt", "log")
    assert (checked.code, listed.code) == (2, 2)
    assert "broken.txt:1: there is no line ---" in checked.out
    assert "1.1.0  draft" in listed.out
    (prompts / "approved.jsonl").write_text("{}\n")
    assert (ae("prompt", "log").code, "register of approvals" in ae("prompt", "check").out) == (2, True)


@pytest.mark.parametrize(
    "command", [("log",), ("check",), ("diff", "1", "2"), ("approve", "desk", "1")], ids=str
)
def test_a_wrong_folder_does_not_look_well(ae: Commands, command: tuple[str, ...]) -> None:
    """Where there is no prompt, nothing was checked: exit code 2."""
    done = ae("prompt", *command)
    assert (done.code, "prompts/NAME/v1.0.0.txt" in done.remedy) == (2, True)


def test_the_folder_is_a_setting(ae: Commands, prompts: Path) -> None:
    """The setting prompt_dir names the folder, and the option goes before it."""
    (ae.folder / "pyproject.toml").write_text('[tool.agentops]\nprompt_dir = "texts"\n')
    assert ae("prompt", "log").code == 2
    assert ae("prompt", "log", "--prompts", "prompts").code == 0
    prompts.rename(ae.folder / "texts")
    assert ae("prompt", "log").code == 0


def test_hostile_texts_are_shown_and_not_obeyed(ae: Commands, prompts: Path) -> None:
    """What could move a cursor or hide is escaped, in texts, names of parameters and roles."""
    first, second = (f"version: {n}\n---\nSay {word} now." for n, word in ((1, "a"), (2, "\x9b2J\u202ez")))
    (ae.folder / "a.txt").write_text(first)
    (ae.folder / "b.txt").write_text(second)
    out = ae("prompt", "diff", "a.txt", "b.txt").out
    assert "{+\\x9b2J\\u202ez+}" in out
    line = ae("prompt", "approve", "desk", "1.0", "--json").document
    register = prompts / "approved.jsonl"
    register.write_text(register.read_text().replace(line["approved_at"], "\\u001b[2J\\u202e"))
    assert not {"\x1b", "\x9b", "\u202e"} & set(out + ae("prompt", "log").out + ae("prompt", "check").out)


def test_a_narrow_terminal_breaks_lines_between_words(ae: Commands, prompts: Path) -> None:
    """Long lines are broken and go on under their text."""
    done = process(ae.folder, "prompt", "diff", "1.0", "1.1", COLUMNS="60")
    lines = done.out.splitlines()
    assert max(map(len, lines)) <= 60
    assert "      sentences." in lines


def test_a_secret_in_a_prompt_is_a_warning(ae: Commands, prompts: Path) -> None:
    """A key in a prompt is found before every request carries it, and neither check nor diff shows it."""
    key = "sk-ant-api03-" + "abcDEF123456" * 4
    (prompts / "other.txt").write_text(f"version: 1\n---\nUse {key} always.")
    done = ae("prompt", "check")
    assert (done.code, "holds what looks like a secret" in done.out, key in done.out) == (0, True, False)
    compared = ae("prompt", "diff", "desk@1.0", "other@1", "--json")
    assert (key in compared.out, "[redacted:secret-1]" in str(compared.document["words"])) == (False, True)
