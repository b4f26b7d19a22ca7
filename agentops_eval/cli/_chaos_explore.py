"""``chaos explore``: search the faults of an agent, alone and in pairs, and keep what is found as tests."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from agentops_eval.cli._errors import INTERRUPTED
from agentops_eval.cli._evidenced import keep
from agentops_eval.cli._report_file import say_written, write_report
from agentops_eval.cli._subject_options import Words, subject_options, subject_order

if TYPE_CHECKING:
    from agentops_eval.chaos.exploring import Exploration
    from agentops_eval.harness.faulting import Around, ExploreOrder
    from agentops_eval.traces.redaction import Redactor

_FILE = click.Path(path_type=Path)


class Budget(click.ParamType[tuple[int | None, float | None]]):
    """``500`` runs, or ``60s``, ``5m``, ``2h`` of time; gives runs and seconds, one of them None."""

    name = "budget"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int | None, float | None]:
        """Raises BadParameter for anything else."""
        from agentops_eval.harness.faulting import read_budget

        if isinstance(value, tuple):
            return value
        try:
            return read_budget(str(value))
        except ValueError as error:
            self.fail(f"{error}.", param, ctx)


@click.command(short_help="Search an agent's faults, alone and in pairs.")
@click.argument("target", metavar="MODULE:CALLABLE")
@click.argument("arguments", metavar="[ARGUMENTS]...", nargs=-1)
@subject_options
@click.option("--faults", type=Words(), metavar="KINDS", default="", help="Only these: globs, with commas.")
@click.option("--targets", type=Words(), metavar="NAMES", default="", help="Only calls of these: globs.")
@click.option("--depth", type=click.IntRange(1, 6), default=2, show_default=True, help="Faults at once.")
@click.option("--budget", type=Budget(), metavar="N|SECONDS", help="Runs (500) or time (60s, 5m).")
@click.option("--jobs", type=click.IntRange(1, 256), default=1, show_default=True, help="Processes.")
@click.option("--seed", type=int, default=0, show_default=True, help="Of whatever is drawn.")
@click.option(
    "--audit",
    type=click.FloatRange(0, 1),
    default=0.05,
    show_default=True,
    help="Share of what was pruned that is run after all.",
)
@click.option("--state", type=_FILE, metavar="FOLDER", help="Where it remembers, to go on after any end.")
@click.option("--out", type=_FILE, metavar="FOLDER", help="Where findings are written as pytest regressions.")
@click.option("--force", is_flag=True, help="With --out: replace a test that says something else.")
@click.option("--html", type=_FILE, metavar="FILE", help="Write findings and coverage, as a page to read.")
@click.option("--run-timeout", type=click.FloatRange(0.1), default=60.0, help="Real seconds of one run.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON: a line a finding, last what was covered.")
def explore(**given: Any) -> int:
    """Run MODULE:CALLABLE under faults, one and two at once wherever it calls something.

    Runs that cannot show anything new are left out, a sample of them is run after all, and what was
    covered is counted exactly. Each weakness is made as small as it gets, and with --out written as a test.
    With a contract, a degradation that it does not declare is a finding.
    """
    from agentops_eval.cli._chaos_told import Teller
    from agentops_eval.harness import redactor_of
    from agentops_eval.harness.faulting import explore_agent

    order, around = _order(given), _around(given)
    redactor = redactor_of(order.subject.settings)
    teller = Teller(redactor, as_json=given["as_json"], state=given["state"])
    with teller:
        found = explore_agent(order, around, tell=teller.progress, on_finding=teller.finding)
    teller.end(found, order)
    if given["html"] is not None:
        _write_page(given["html"], found, order, redactor)
        if not given["as_json"]:
            say_written(given["html"])
    _note(found, order)
    if found.interrupted:
        return INTERRUPTED
    return 0 if found.steady else 1


def _write_page(out: Path, found: Exploration, order: ExploreOrder, redactor: Redactor) -> None:
    """The page that ``report build`` makes of the evidence as well."""
    from agentops_eval.harness.evidencing import exploration_document
    from agentops_eval.reports import exploration_html, exploration_view

    options = order.options
    only = (*options.faults, *options.targets)
    document = exploration_document(found, order.subject.target, depth=options.depth, only=only)
    view = exploration_view(redactor.json(document))
    assert view is not None  # it has its coverage
    write_report(out, exploration_html(view))


def _note(found: Exploration, order: ExploreOrder) -> None:
    """Keep what was shown; of chosen faults or targets it is no search of that depth."""
    from agentops_eval.harness.evidencing import noted_of_exploration

    options, subject = order.options, order.subject
    only = (*options.faults, *options.targets)
    keep(
        subject.settings,
        lambda: noted_of_exploration(found, subject.target, subject.settings, depth=options.depth, only=only),
        root=subject.root,
    )


def _order(given: dict[str, Any]) -> ExploreOrder:
    from agentops_eval.chaos.exploring import Options
    from agentops_eval.harness.faulting import ExploreOrder

    runs, _ = given["budget"] or (None, None)
    return ExploreOrder(
        subject=subject_order(
            target=given["target"],
            arguments=given["arguments"],
            cassette=given["cassette"],
            answers=given["answers"],
            world=given["world"],
            approver=given["approver"],
        ),
        options=Options(
            depth=given["depth"],
            runs=runs,
            audit=given["audit"],
            seed=given["seed"],
            faults=given["faults"],
            targets=given["targets"],
            undeclared=given["contract"] is not None,
        ),
        contract=given["contract"],
        real_s=given["run_timeout"],
    )


def _around(given: dict[str, Any]) -> Around:
    from agentops_eval.harness.faulting import Around

    _, seconds = given["budget"] or (None, None)
    return Around(
        jobs=given["jobs"],
        seconds=seconds,
        state=given["state"],
        out=given["out"],
        force=given["force"],
    )
