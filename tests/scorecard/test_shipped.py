"""The criteria that ship: complete, each with a command that exists and evidence that somebody writes."""

from __future__ import annotations

import re
import shlex
from collections import Counter
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import get_args

import click
import pytest

from agentops_eval.chaos.conformance import CHECKS
from agentops_eval.domain import EVIDENCE_KINDS, Harm, VerdictValue
from agentops_eval.scorecard import DIMENSIONS, FRAMEWORKS, Criterion, shipped_criteria
from agentops_eval.scorecard._fields import Dimension
from tests.scorecard._made import item, scored
from tests.scorecard._page import CRITERIA_PAGE, EVIDENCE_PAGE, table_of

ALL = shipped_criteria().criteria
CHECKED = [one for one in ALL if one.check]
CLAUSES = {
    "eu-ai-act": r"Art\. (?:4|9|1[0-5]|17|26|72|73)",
    "nist-ai-rmf": r"GOVERN [1-6]\.[1-7]|MAP [1-5]\.[1-6]|MANAGE [1-4]\.[1-4]"
    r"|MEASURE (?:[134]\.[1-3]|2\.(?:1[0-3]|[1-9]))",
    "iso-42001": r"A\.(?:[2-9]|10)\.[1-6](?:\.[1-8])?",
    "owasp-agentic": r"ASI(?:0[1-9]|10)",
    "aws-agentic-lens": r"AGENT(?:OPS0[17]-BP0[13]|SEC0[1-9]|REL0[1-8](?:-BP02)?|COST0[1-7])",
}


def named(criterion: Criterion) -> str:
    return criterion.id


def test_there_are_eighty_at_least_and_two_thirds_are_checked():
    """Attestations are for what no evidence can tell."""
    assert len(ALL) >= 80
    assert len(CHECKED) * 3 >= len(ALL) * 2


def test_every_dimension_asks_for_something_at_every_level():
    """And above the cap of attestations for something that is checked."""
    counted = Counter((one.dimension, one.level) for one in ALL)
    assert all(counted[name, level] for name in DIMENSIONS for level in range(1, 6))
    checked = Counter((one.dimension, one.level) for one in CHECKED)
    assert all(checked[name, level] for name in DIMENSIONS for level in (4, 5))
    assert shipped_criteria().attested_cap == 3


def test_every_harm_is_held_against_something():
    """No harm falls through to the default."""
    assert {one.harm for one in shipped_criteria().harms} == {one.value for one in Harm}
    assert get_args(Dimension) == DIMENSIONS


@pytest.mark.parametrize("criterion", ALL, ids=named)
def test_what_it_relates_to_is_a_clause_that_there_is(criterion: Criterion):
    """Clauses have the form that each framework gives them."""
    assert criterion.maps.keys() <= FRAMEWORKS.keys()
    for framework, clauses in criterion.maps.items():
        assert [one for one in clauses if not re.fullmatch(CLAUSES[framework], one)] == []


def _commands(
    group: click.Group, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from _commands(command, (*path, name))
        elif command is not None:
            yield (*path, name), command


@pytest.mark.parametrize("criterion", ALL, ids=named)
def test_its_command_exists_with_its_options(criterion: Criterion):
    """It can be pasted once its capitals are filled in."""
    from agentops_eval.cli import cli

    program, *words = shlex.split(criterion.command)
    assert program == "agentops-eval"
    found = {path: command for path, command in _commands(cli) if tuple(words[: len(path)]) == path}
    assert len(found) == 1, f"there is no command {criterion.command}"
    ((path, command),) = found.items()
    options = {flag for parameter in command.params for flag in parameter.opts}
    assert {word for word in words[len(path) :] if word.startswith("-")} <= options
    schemas = [words[1]] if path == ("schema",) else []
    assert set(schemas) <= {"scenario", "gate", "degradation", "criteria", "attestations", "objectives"}


@pytest.mark.parametrize("criterion", CHECKED, ids=named)
def test_somebody_writes_the_evidence_that_it_asks_for(criterion: Criterion):
    """Kind, subject and measures are those of the page on which writers and readers agree."""
    page, check = EVIDENCE_PAGE.read_text(encoding="utf-8"), criterion.check
    assert check is not None
    assert check.kind in EVIDENCE_KINDS
    rows = [line for line in _section(page, "Measures") if line.startswith(f"| `{check.kind}`")]
    if check.kind == "trace.stats":
        rows = [line for line in rows if f"`{check.subject}`" in line.partition(" | ")[0]]
    assert rows, f"nothing measures {check.kind}"
    assert [one.measure for one in check.measures if not any(f"`{one.measure}`" in row for row in rows)] == []
    subjects = _subjects(page, check.kind)
    if subjects:
        known = [name for name in subjects if fnmatchcase(name, check.subject)]
        assert known, f"nobody writes {check.kind} {check.subject}"


def _section(page: str, title: str) -> list[str]:
    return page.partition(f"## {title}\n")[2].partition("\n## ")[0].splitlines()


def _subjects(page: str, kind: str) -> list[str]:
    """The subjects of a kind; none where they are the user's own names."""
    if kind == "project":
        rows = page.partition("### Subjects of `project`")[2].partition("###")[0]
        return re.findall(r"^\| `([\w-]+)` \|", rows, re.MULTILINE)
    if kind == "slo":
        return re.findall(r"`([\w-]+)`", page.partition("### Subjects of `slo`")[2].partition("\n## ")[0])
    row = next(line for line in _section(page, "Kinds") if line.startswith(f"| `{kind}`"))
    told = row.split(" | ")[1]
    return (
        re.findall(r"`([\w-]+)`", told)
        if kind in ("chaos.check", "trace.lint", "trace.audit", "trace.stats")
        else []
    )


def test_the_page_names_every_kind_check_and_harm():
    """Kinds of evidence, conformance checks and unsafe harms are those that there are."""
    page = EVIDENCE_PAGE.read_text(encoding="utf-8")
    kinds = re.findall(r"^\| `([\w.]+)` \|", "\n".join(_section(page, "Kinds")), re.MULTILINE)
    assert kinds == sorted(EVIDENCE_KINDS)
    assert set(_subjects(page, "chaos.check")) == set(CHECKS)
    told = "\n".join(_section(page, "Harms"))
    assert [one.value for one in Harm if f"`{one.value}`" not in told] == []


def test_the_table_of_the_reference_is_that_of_the_files():
    """Made anew by  python -m tests.scorecard._page."""
    assert table_of(ALL) in CRITERIA_PAGE.read_text(encoding="utf-8")


def test_the_page_about_level_1_tells_how_to_show_each_of_its_criteria():
    """Whoever does what it says has left none out, and is not sent after what another level asks."""
    page = (CRITERIA_PAGE.parents[1] / "how-to/reach-level-1.md").read_text(encoding="utf-8")
    named = re.findall(r"`([a-z-]+\.[a-z-]+)`", page.partition("| criterion |")[2].partition("\n\n")[0])
    named = [one for one in named if one.partition(".")[0] in DIMENSIONS]
    assert sorted(named) == sorted(one.id for one in ALL if one.level == 1)


def test_an_agent_that_shows_everything_reaches_the_top():
    """No two criteria contradict each other: one stream of evidence meets them all."""
    card = scored(shipped_criteria(), *(one for criterion in ALL for one in _showing(criterion)))
    assert card.level == 5
    assert card.gaps == ()
    assert {one.score for one in card.dimensions} == {100.0}


def _showing(criterion: Criterion):
    if criterion.check is None:
        yield item(criterion.id, "attestation", expires="2027-11-01T00:00:00Z")
        return
    check = criterion.check
    for number in range(check.subjects):
        letter = f"{number}" if check.subjects > 1 else ""
        subject = check.subject.replace("[2-9]", "2").replace("[jv]", "j").replace("*", f"x{letter}")
        measures = {one.measure: one.bound for one in check.measures}
        yield item(subject, check.kind, measures=measures, verdict=VerdictValue.PASS)


def test_the_wheel_holds_the_criteria():
    """They lie in the package, and are read as its data."""
    folder = Path(shipped_criteria.__wrapped__.__code__.co_filename).parent / "criteria"
    assert sorted(one.stem for one in folder.glob("*.yaml")) == sorted([*DIMENSIONS, "scorecard"])
