"""The parts of a runbook, from what was shown and what the project knows. What is unknown is said so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase

from agentops_eval.domain import (
    DeclaredMode,
    FailureSeen,
    Mode,
    Piece,
    RunbookFacts,
    SheetLine,
    SheetPart,
    SheetTable,
    ShownBy,
    as_command,
    as_link,
    counted,
    in_code,
    in_line,
)
from agentops_eval.operations._runbook_query import detection
from agentops_eval.operations._runbook_rules import ACTIONS, SYMPTOMS

_REASONS, _ROWS, _NAMES = 6, 20, 12
_UNKNOWN = "unknown"


def symptom_part(words: Sequence[str], seen: Sequence[FailureSeen]) -> SheetPart:
    """What a person sees, and how it was told when it was shown."""
    lines = [in_line(SYMPTOMS[word]) for word in words if word in SYMPTOMS][:2]
    reasons = list(dict.fromkeys(reason for one in seen for reason in one.reasons if reason))
    lines += [in_line("As it was shown: ", in_code(reason)) for reason in reasons[:_REASONS]]
    if len(reasons) > _REASONS:
        lines.append(in_line(f"and {len(reasons) - _REASONS} more"))
    return SheetPart(id="symptom", title="Symptom", lines=tuple(lines))


def detection_part(
    agent: str, words: Sequence[str], seen: Sequence[FailureSeen], facts: RunbookFacts
) -> SheetPart:
    """What finds it in traces."""
    hit = sorted({pair for one in seen for pair in one.dependencies})
    lines = tuple(detection(agent, words, hit, traces=facts.traces))
    return SheetPart(id="detection", title="Detection", lines=lines)


def radius_part(seen: Sequence[FailureSeen]) -> SheetPart:
    """How far it reached, a row for each time that its source tells it."""
    rows = [(_source(one), *_reached(one)) for one in seen if one.reach is not None]
    if not rows:
        told = in_line("Unknown: nothing that showed it measures how far it reaches.")
        return SheetPart(id="blast-radius", title="Blast radius", lines=(told,))
    head = (
        "shown by",
        "steps changed",
        "hops",
        "contained",
        "tools",
        "effects",
        "tenants",
        "recovers after",
        "cost",
    )
    return SheetPart(
        id="blast-radius",
        title="Blast radius",
        lines=(
            in_line(
                "Against the same run without the fault; a share of its steps that are missing or differ."
            ),
        ),
        table=SheetTable(
            head=head, rows=tuple(rows[:_ROWS]), right=frozenset({1, 2, 7, 8}), more=max(len(rows) - _ROWS, 0)
        ),
    )


def _source(one: FailureSeen) -> SheetLine:
    """What showed it, with a link to its regression, else to the file that tells it."""
    where = one.test or one.source
    return in_line(as_link(one.by.value, where)) if where else in_line(one.by.value)


def _reached(one: FailureSeen) -> Iterator[SheetLine]:
    reach = one.reach
    assert reach is not None
    yield in_line(_UNKNOWN if reach.steps is None else f"{100 * reach.steps:.0f} %")
    yield in_line(_UNKNOWN if reach.hops is None else str(reach.hops))
    yield in_line({True: "yes", False: "no", None: _UNKNOWN}[reach.contained])
    for names in (reach.tools, reach.effects, reach.tenants):
        yield _named(names)
    yield in_line(_UNKNOWN if one.recovery_s is None else f"{one.recovery_s:.3g} s")
    yield in_line(_UNKNOWN if one.cost_ratio is None else f"x {one.cost_ratio:.3g}")


def _named(names: Sequence[str]) -> SheetLine:
    if not names:
        return in_line("none")
    more: list[str | Piece] = [f" and {len(names) - _NAMES} more"] if len(names) > _NAMES else []
    pieces: list[str | Piece] = [piece for name in names[:_NAMES] for piece in (", ", in_code(name))]
    return in_line(*pieces[1:], *more)


def degraded_part(
    agent: str, causes: Sequence[str], seen: Sequence[FailureSeen], facts: RunbookFacts
) -> SheetPart:
    """What is declared for such a fault, beside what was shown."""
    declared = [one for one in facts.declared if _speaks_of(one, agent, causes, seen)]
    lines = [_declaration(one) for one in declared]
    if not lines:
        lines = [in_line("Declared: nothing. No degradation file speaks of this agent under such a fault.")]
    modes = sorted({one.mode for one in seen if one.mode})
    accepted = {mode for one in declared for mode in one.accept}
    for mode in modes:
        count = sum(one.mode == mode for one in seen)
        said = "as declared" if mode in accepted else "not declared" if declared else "declared nowhere"
        said = "which needs no declaration" if mode == Mode.FAILED_SAFE else said
        lines.append(in_line(f"Shown: {mode} ({counted(count, 'time')}), {said}."))
    if not modes:
        lines.append(in_line("Shown: the run did not succeed; a trace does not tell its mode."))
    return SheetPart(id="degraded-mode", title="Degraded mode", lines=tuple(lines))


def _declaration(one: DeclaredMode) -> SheetLine:
    how = f": {' or '.join(one.accept) or _UNKNOWN}, effects {one.effects or _UNKNOWN}"
    says = in_line(", saying ", in_code(one.message)) if one.message else ()
    return in_line("Declared in ", as_link(one.file, one.file), how, *says, ".")


def _speaks_of(one: DeclaredMode, agent: str, causes: Sequence[str], seen: Sequence[FailureSeen]) -> bool:
    judged = {each.contract for each in seen if each.contract}
    if one.agent not in ("", agent) and not any(one.file.endswith(file) for file in judged):
        return False
    names = {name for each in seen for _, name in each.dependencies}
    kinds = {*causes, *(kind for each in seen for kind in each.kinds)}
    hit = any(fnmatchcase(name, one.dependency) for name in names)
    return hit and (not one.faults or bool(kinds & {*one.faults}))


def actions_part(words: Sequence[str], seen: Sequence[FailureSeen]) -> SheetPart:
    """What to do first, by rules; before them what an experiment's own plan says."""
    sorts = {sort for one in seen for sort, _ in one.dependencies}
    planned = list(dict.fromkeys(one.remedy for one in seen if one.remedy))
    lines = [in_line("As planned in the experiment: ", in_code(remedy)) for remedy in planned[:_REASONS]]
    fitting = [one for one in ACTIONS if one.of & {*words} and (not one.at or one.at & sorts)]
    lines += [in_line(f"{one.do} Why: {one.why}.") for one in sorted(fitting, key=lambda one: one.rank)]
    if not lines:
        lines = [in_line("Unknown: no rule speaks of this failure. Write what helps here.")]
    return SheetPart(id="first-actions", title="First actions", lines=tuple(lines), ordered=True)


def rollback_part(agent: str, seen: Sequence[FailureSeen], facts: RunbookFacts) -> SheetPart:
    """How it is undone, as far as that is known."""
    lines = [
        in_line("The experiment undoes it by: ", in_code(one))
        for one in dict.fromkeys(undo for each in seen for undo in each.undo)
    ]
    tools = {name for one in seen if one.reach for name in one.reach.tools}
    tools |= {name for one in seen for _, name in one.dependencies}
    for tool in sorted(tools & facts.undone_by.keys()):
        by, file = facts.undone_by[tool]
        lines.append(
            in_line(in_code(by), " takes back ", in_code(tool), ", as ", as_link(file, file), " says.")
        )
    if agent in facts.decisions:
        word, source = facts.decisions[agent]
        lines.append(in_line("The last gate decision of this agent was ", as_link(word, source), "."))
    for name, version in facts.prompts:
        lines.append(
            in_line(
                "If the prompt was changed just before: ",
                in_code(f"{name} {version}"),
                " was approved earlier.",
            )
        )
    if not lines:
        lines = [
            in_line(
                "Unknown: no experiment, degradation file, gate or earlier prompt tells how this is undone. "
                "Find out before it is needed, and write it here."
            )
        ]
    return SheetPart(id="rollback", title="Rollback", lines=tuple(lines))


def owner_part(agent: str, owner: str, seen: Sequence[FailureSeen]) -> SheetPart:
    """Who answers for it: a role."""
    others = sorted({one.owner for one in seen if one.owner} - {owner})
    if owner:
        lines = [in_line(in_code(owner))]
        if others:
            lines.append(in_line("Experiments name others, too: ", *_named(others)))
    else:
        table = in_code(f"[tool.agentops.agents.{agent}]")
        lines = [
            in_line("Nobody: name one, as a role, in ", table, " of pyproject.toml, or in the experiment.")
        ]
    return SheetPart(id="owner", title="Owner", lines=tuple(lines))


def evidence_part(seen: Sequence[FailureSeen]) -> SheetPart:
    """What showed it, and what shows it again."""
    rows = tuple(
        (
            _source(one),
            in_line(one.mode or f"confidence {one.confidence or 0:.2f}"),
            in_line(in_code(one.under or one.trace) if one.under or one.trace else ""),
        )
        for one in seen[:_ROWS]
    )
    commands = list(dict.fromkeys(one.command for one in seen if one.command))
    lines = [in_line("Show it again:"), *(in_line(as_command(one)) for one in commands[:_REASONS])]
    if not commands:
        lines = [in_line("Unknown: what showed it does not tell how it was run.")]
    runs = sum(one.by is ShownBy.RUN for one in seen)
    counts = f"Shown {counted(len(seen), 'time')}" + (f", {runs} of them in operation." if runs else ".")
    return SheetPart(
        id="evidence",
        title="Evidence",
        lines=(in_line(counts), *lines),
        table=SheetTable(head=("shown by", "mode", "under"), rows=rows, more=max(len(seen) - _ROWS, 0)),
    )
