"""Findings as pytest regressions: a test that fails for the same reason until the agent is mended."""

from __future__ import annotations

import math
import re
import shlex
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from pathlib import Path

from agentops_eval.chaos import CATALOGUE, Limits, faults
from agentops_eval.domain import ChaosFinding, Fault, Json, Where
from agentops_eval.harness.faulting._load import SubjectOrder, below

_WIDTH = 100


def write_regression(
    finding: ChaosFinding,
    folder: Path,
    order: SubjectOrder,
    *,
    contract: Path | None = None,
    redact: Callable[[str], str] = str,
    force: bool = False,
) -> Path:
    """Write the test of a finding into ``folder``, and give its file.

    The name follows from the finding. A file of that name that says the same is left alone; one that says
    something else stays, and the test gets a number, unless ``force`` replaces it. ``redact`` takes secrets
    out of what is written.
    """
    text = redact(regression(finding, order, contract=contract)).encode("utf-8", "backslashreplace")
    folder.mkdir(parents=True, exist_ok=True)
    stem = _name(finding)
    number = 1
    while True:
        path = folder / (f"{stem}.py" if number == 1 else f"{stem}_{number}.py")
        try:
            with path.open("wb" if force else "xb") as file:
                file.write(text)
        except FileExistsError:
            if path.read_bytes() != text:
                number += 1
                continue
        return path


def regression(finding: ChaosFinding, order: SubjectOrder, *, contract: Path | None = None) -> str:
    """The test of a finding as Python: what agents and llms wrote stands in it as literals alone."""
    stem = _name(finding)
    schedule = finding.impact.run.schedule
    told = "; ".join(f"{one.harm.value} {one.subject}".strip() for one in finding.impact.reasons)
    lines = [
        f'"""Found by agentops-eval chaos {"check" if finding.check else "explore"}."""',
        "",
        "import pytest",
        "",
        *([] if finding.check else ["from agentops_eval import faults", "", ""]),
        *([""] if finding.check else []),
        *_mark(order, contract),
        f"def {stem}(chaos):",
        f'    """{_said(finding, told)}"""',
    ]
    if finding.check:
        arguments = [_text(finding.check), *_keywords(_check_arguments(finding))]
        lines += [*_call("result = chaos.check", arguments), "    assert result.passed"]
    else:
        arguments = [*map(fault_text, schedule.faults), *([f"seed={schedule.seed}"] if schedule.seed else [])]
        lines += [*_call("impact = chaos.run", arguments), *_assertions(finding)]
    return "\n".join(lines) + "\n"


def _mark(order: SubjectOrder, contract: Path | None) -> list[str]:
    options: dict[str, Json] = {}
    if order.cassette is not None:
        options["cassette"] = below(order.cassette, order.root)
    if order.answers is not None:
        options["answers"] = order.answers.value
    if order.world:
        options["world"] = order.world
    if contract is not None:
        options["contract"] = below(contract, order.root)
    if order.approver:
        options["approver"] = order.approver
    if "beside" in order.tasks:
        options["beside"] = shlex.join(order.tasks["beside"])
    usual = Limits()
    for field in fields(Limits):
        value = getattr(order.limits, field.name)
        if value != getattr(usual, field.name):
            options[field.name] = value
    words = [_text(order.target), *map(_text, order.arguments), *_keywords(options)]
    return _call("@pytest.mark.chaos", words, indent="")


def _check_arguments(finding: ChaosFinding) -> Mapping[str, Json]:
    given = finding.details.get("arguments")
    return given if isinstance(given, Mapping) else {}


def _assertions(finding: ChaosFinding) -> list[str]:
    given = finding.details.get("reasons")
    reasons = [one for one in given if isinstance(one, list)] if isinstance(given, list) else []
    harms = sorted({str(one[0]) for one in reasons} & finding.impact.harms) or sorted(finding.impact.harms)
    if not harms:
        return [f"    assert impact.mode != {_text(finding.impact.mode.value)}"]
    return [f"    assert {_text(harm)} not in impact.harms" for harm in harms]


def fault_text(fault: Fault) -> str:
    """The fault as the call of its constructor that makes an equal one."""
    make = getattr(faults, fault.kind, None)
    hits = _hits(fault.where)
    kind = CATALOGUE.get(fault.kind)
    usual = {} if kind is None else dict(kind.parameters)
    own = {name: value for name, value in fault.parameters.items() if usual.get(name, _NONE) != value}
    target = [] if fault.where.target == "*" else [_text(fault.where.target)]
    if make is not None and _makes(make, fault, own, hits, usual):
        return f"faults.{fault.kind}({', '.join([*target, *_keywords(own), *_keywords(hits)])})"
    hitting = [f"hits={_literal(hits)}"] if hits else []
    return f"faults.fault({', '.join([_text(fault.kind), *target, *hitting, *_keywords(own)])})"


_NONE = object()


def _makes(
    make: object, fault: Fault, own: Mapping[str, Json], hits: Mapping[str, Json], usual: Mapping[str, Json]
) -> bool:
    """Whether the constructor, called so, makes this very fault."""
    if not callable(make):
        return False
    try:
        made = make(fault.where.target, **own, **hits)
    except Exception:  # its parameters are called otherwise
        return False
    if not isinstance(made, Fault) or made.kind != fault.kind or made.where != fault.where:
        return False
    return {**usual, **made.parameters} == {**usual, **fault.parameters}


def _hits(where: Where) -> dict[str, Json]:
    told: dict[str, Json] = {}
    if where.nth:
        told["nth"] = where.nth[0] if len(where.nth) == 1 else where.nth
    if where.first != 1:
        told["after"] = where.first - 1
    if where.last is not None:
        told["until"] = where.last
    if where.probability < 1:
        told["probability"] = where.probability
    if where.site:
        told["site"] = where.site
    return told


# -- words ------------------------------------------------------------------------------------------


def _name(finding: ChaosFinding) -> str:
    """``test_refund_agent_duplicated_effect``, of words that may stand in a name."""
    if finding.check:
        words = [finding.agent, finding.check]
    else:
        given = finding.details.get("reasons")
        reasons = [one for one in given if isinstance(one, list)] if isinstance(given, list) else []
        words = [finding.agent, *(map(str, reasons[0]) if reasons else [finding.impact.mode.value])]
    slug = re.sub(r"[^a-z0-9]+", "_", " ".join(words).lower()).strip("_")
    return f"test_{slug[:80].strip('_') or 'agent'}"


def _said(finding: ChaosFinding, told: str) -> str:
    """The sentence of the test, on one line."""
    if finding.check:
        return f"The check {_plain(finding.check)} passes."
    return f"Under {_plain(finding.impact.run.schedule)}: no {_plain(told or finding.impact.mode.value)}."


def _plain(text: object) -> str:
    """Any text as part of a docstring: no quote, no backslash, nothing that does not print."""
    kept = "".join(one if one.isprintable() and one not in '"\\' else " " for one in str(text)[:200])
    return " ".join(kept.split())


def _keywords(given: Mapping[str, Json]) -> list[str]:
    return [f"{name}={_literal(value)}" for name, value in given.items()]


def _literal(value: Json) -> str:
    """The value as Python."""
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, float) and not math.isfinite(value):
        return f'float("{value}")'
    if value is None or isinstance(value, (bool, int, float)):
        return repr(value)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_text(name)}: {_literal(one)}" for name, one in value.items()) + "}"
    items = ", ".join(map(_literal, value))
    if isinstance(value, tuple):
        return f"({items},)" if len(value) == 1 else f"({items})"
    return f"[{items}]"


def _text(text: str) -> str:
    """A text as a literal between double quotes; what does not print is escaped."""
    return '"' + "".join(map(_character, text)) + '"'


def _character(one: str) -> str:
    if one in '"\\':
        return f"\\{one}"
    return one if one.isprintable() else one.encode("unicode_escape", "surrogatepass").decode("ascii")


def _call(head: str, arguments: Iterable[str], *, indent: str = "    ") -> list[str]:
    """A call on one line, or with each argument on its own where that would be too long."""
    given = list(arguments)
    line = f"{indent}{head}({', '.join(given)})"
    if len(line) <= _WIDTH:
        return [line]
    return [f"{indent}{head}(", *(f"{indent}    {one}," for one in given), f"{indent})"]
