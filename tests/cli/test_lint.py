"""``trace lint`` as people and scripts use it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest

from tests.cli.test_exports import EXPORT, TRACE, span

if TYPE_CHECKING:
    from tests.cli._kit import Commands

WIPE = {
    "gen_ai__operation__name": "execute_tool",
    "gen_ai__tool__name": "wipe",
    "agentops__tool__effect": "destructive",
}


def exported(ae: Commands, *spans: Any, name: str = "prod.jsonl") -> str:
    """An export in the project's folder."""
    document = {"resourceSpans": [{"scopeSpans": [{"scope": {"name": "t"}, "spans": list(spans)}]}]}
    (ae.folder / name).write_text(json.dumps(document) + "\n")
    return name


@pytest.fixture
def unsafe(ae: Commands) -> str:
    """A run that wipes something unasked, and has an orphan."""
    return exported(
        ae,
        span(1, "run"),
        span(2, "execute_tool wipe", 1, **WIPE),
        span(3, "\x1b[2Jlost\u202e", 9),
        name="bad.jsonl",
    )


def test_errors_are_told_first_and_make_the_exit_code(ae: Commands, unsafe: str) -> None:
    """What stands where, at which level, the score, and the command that explains it."""
    done = ae("trace", "lint", unsafe)
    assert done.code == 1
    told = done.out.splitlines()
    assert told[0] == "1 run, 3 spans"
    assert told.index("errors") < told.index("notes")
    assert "  AL401 destructive-unapproved (1): a destructive tool ran without an approval before it" in told
    assert any(
        "wipe ran, and no approval stands before it" in text and "bad.jsonl:1" in text for text in told
    )
    assert "what a rule means: agentops-eval trace lint --explain AL401" in told
    assert "\x1b" not in done.out
    assert "\\u001b[2Jlost\\u202e" in done.out
    assert ae.paste(told[-1].partition(": ")[2]).out.startswith("AL401 destructive-unapproved (error")


def test_scripts_get_rule_level_and_span(ae: Commands, unsafe: str) -> None:
    """With --json, findings have their rule, level and span; the exit code is the same."""
    done = ae("trace", "lint", unsafe, "--json")
    found = {one["rule"]: one for one in done.document["findings"]}
    assert done.code == 1
    assert (found["AL401"]["level"], found["AL401"]["span"]) == ("error", "execute_tool wipe")
    assert (found["AL401"]["trace_id"], found["AL401"]["span_id"]) == (TRACE, f"{2:016x}")
    assert found["AL702"]["where"] == "bad.jsonl:1"
    assert done.document["levels"]["error"] == 2
    assert 0 < done.document["score"] < 1
    assert done.document["runs"][0]["trace_id"] == TRACE


def test_what_is_ignored_selected_or_destructive_is_said_on_the_command_line(
    ae: Commands, unsafe: str
) -> None:
    """Options narrow what is checked, and name tools."""
    assert ae("trace", "lint", unsafe, "--ignore", "AL401", "--ignore", "orphan").code == 0
    assert "AL401" not in ae("trace", "lint", unsafe, "--select", "AL7").out
    harmless = exported(
        ae, span(1, "execute_tool pay", gen_ai__operation__name="execute_tool", gen_ai__tool__name="pay")
    )
    assert ae("trace", "lint", harmless).code == 0
    assert "AL401" in ae("trace", "lint", harmless, "--destructive", "p*").out


def test_the_level_that_fails_is_chosen(ae: Commands, unsafe: str) -> None:
    """Warnings and notes fail on demand; never means never."""
    assert ae("trace", "lint", unsafe, "--fail-on", "never").code == 0
    notes = exported(ae, *EXPORT["resourceSpans"][0]["scopeSpans"][0]["spans"])  # type: ignore[index]
    assert ae("trace", "lint", notes).code == 0
    assert ae("trace", "lint", notes, "--fail-on", "warn").code == 1


def test_the_project_configures_lint(ae: Commands, unsafe: str) -> None:
    """[tool.agentops.lint] holds for every run of the command, and other commands do not mind it."""
    (ae.folder / "pyproject.toml").write_text(
        '[tool.agentops.lint]\nlevels = {AL401 = "warn", AL702 = "info"}\n'
    )
    done = ae("trace", "lint", unsafe)
    assert (done.code, "0 errors, 3 warnings" in done.out) == (0, True)
    assert ae("trace", "show", "r.otlp.jsonl").code == 0


def test_reports_for_code_hosts_and_ci_servers(ae: Commands, unsafe: str) -> None:
    """SARIF and JUnit go to standard output or a file, with the same exit code."""
    document = ae("trace", "lint", unsafe, "--format", "sarif").document
    (run,) = document["runs"]
    first = run["results"][0]
    assert run["tool"]["driver"]["rules"][first["ruleIndex"]]["id"] == first["ruleId"] == "AL401"
    place = first["locations"][0]["physicalLocation"]
    assert (place["artifactLocation"]["uri"], place["region"]["startLine"]) == ("bad.jsonl", 1)
    done = ae("trace", "lint", unsafe, "--format", "junit", "--out", "build/lint.xml")
    assert (done.code, done.out) == (1, "written to build/lint.xml\n")
    whole = ET.parse(ae.folder / "build/lint.xml").getroot()
    assert whole.attrib["failures"] == "2"
    ae("trace", "lint", unsafe, "--out", "lint.txt")
    assert "AL401 destructive-unapproved" in (ae.folder / "lint.txt").read_text()


def test_every_place_is_shown_on_demand(ae: Commands) -> None:
    """Without --all the first places of a rule are shown, and the number of the others."""
    lost = [span(number, f"s{number}", 99) for number in range(2, 8)]
    many = exported(ae, span(1, "run"), *lost)
    assert "and 3 more" in ae("trace", "lint", many).out
    whole = ae("trace", "lint", many, "--all").out
    assert all(f"s{number} " in whole for number in range(2, 8))


def test_goldens_recordings_and_exports_are_linted_together(ae: Commands, unsafe: str) -> None:
    """Files of all kinds go into one report."""
    done = ae("trace", "lint", "r.otlp.jsonl", "r.cassette.jsonl", unsafe, "--json")
    assert len(done.document["runs"]) == 3
    assert {one["where"] for one in done.document["findings"] if one["rule"] == "AL402"} == {
        "r.otlp.jsonl:3",  # a golden has a span on each line
        "r.cassette.jsonl",
    }


def test_nothing_to_check_is_no_pass(ae: Commands) -> None:
    """An export without spans is told, and fails."""
    done = ae("trace", "lint", exported(ae))
    assert (done.code, "no runs in prod.jsonl" in done.out) == (1, True)
    assert ae("trace", "lint", "prod.jsonl", "--json").document["score"] is None


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "no file is named"),
        (("nix.jsonl",), "there is no such file"),
        (("nix.otlp.jsonl",), "there is no golden"),
        ((".",), "is a folder"),
        (("cli_shop.py",), "neither JSON nor an OTLP protobuf message"),
        (("r.otlp.jsonl", "--ignore", "AL7o2"), "did you mean AL702 (orphan)?"),
        (("--explain", "destructive-unaproved"), "did you mean AL401 (destructive-unapproved)?"),
    ],
)
def test_nonsense_is_exit_code_2_with_a_way_out(ae: Commands, words: tuple[str, ...], told: str) -> None:
    """What cannot be read and what does not exist is told, and is no finding."""
    done = ae("trace", "lint", *words)
    assert (done.code, done.out) == (2, "")
    assert told in done.err


def test_what_could_not_be_read_is_told_beside_the_rest(ae: Commands, unsafe: str) -> None:
    """A broken line of an export does not hide the others, nor is it hidden."""
    with (ae.folder / unsafe).open("a") as file:
        file.write("nonsense\n")
    assert "1 problem, passed over:" in ae("trace", "lint", unsafe).out
    assert ae("trace", "lint", unsafe, "--json").document["problem_count"] == 1


def test_a_destructive_tool_that_never_ran_is_told(ae: Commands) -> None:
    """What --destructive misspells is said; what the configuration names is meant for other files too."""
    (ae.folder / "pyproject.toml").write_text('[tool.agentops.lint]\ndestructive_tools = ["drop_*"]\n')
    words = ("trace", "lint", "r.cassette.jsonl", "--destructive", "issue_refnd", "--fail-on", "never")
    done = ae(*words)
    assert (
        "--destructive issue_refnd: no such tool ran in these files; did you mean issue_refund?" in done.out
    )
    assert (done.code, "drop_" in done.out) == (0, False)
    assert ae(*words, "--json").document["unmatched"] == ["issue_refnd"]


def test_formats_that_contradict_each_other_are_refused(ae: Commands) -> None:
    """--json beside another format is no choice that could be made in silence."""
    done = ae("trace", "lint", "r.cassette.jsonl", "--format", "junit", "--json")
    assert (done.code, "--json and --format junit contradict" in done.out) == (2, True)


def test_a_misspelt_group_is_told_the_group(ae: Commands) -> None:
    """AL9x means the group AL9 and not some rule in it."""
    done = ae("trace", "lint", "r.cassette.jsonl", "--select", "AL9x")
    assert (done.code, done.remedy.startswith("did you mean AL9, which are all rules")) == (2, True)


@pytest.mark.parametrize(
    ("name", "begins"),
    [
        ("l.sarif", '{"$schema"'),
        ("l.json", '{"paths"'),
        ("l.xml", "<?xml"),
        ("l.txt", "1 run"),
        ("l", "1 run"),
    ],
)
def test_the_suffix_of_the_file_tells_the_format(ae: Commands, unsafe: str, name: str, begins: str) -> None:
    """Without --format a report is what its name says, and text where the name says nothing."""
    ae("trace", "lint", unsafe, "--out", name)
    assert (ae.folder / name).read_text(encoding="utf-8").startswith(begins)
