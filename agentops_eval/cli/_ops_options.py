"""What the commands of ``ops`` share: which runs they look at, and what they say of all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from agentops_eval.cli._errors import Misused
from agentops_eval.cli._evidenced import keep
from agentops_eval.cli._filters import named, say_left_out, sieve_json, sieve_of, time
from agentops_eval.cli._output import many, prose
from agentops_eval.cli._prices import prices_option
from agentops_eval.cli._problems import problems_json, problems_of, say_no_runs, say_problems
from agentops_eval.cli._reading import reading_exports, refuse_absent
from agentops_eval.domain import Json, moment_text

if TYPE_CHECKING:
    from agentops_eval.harness import Settings, Sieve
    from agentops_eval.harness.evidencing import Noted, Operations, Witness
    from agentops_eval.harness.operating import Lens, Operated
    from agentops_eval.traces.reading import Problems

F = TypeVar("F", bound=Callable[..., Any])
_PATH = click.Path(path_type=Path)

paths_argument = click.argument("paths", metavar="PATH...", type=_PATH, nargs=-1, required=True)
agent_option = click.option(
    "--agent",
    "agents",
    multiple=True,
    type=named,
    metavar="NAME",
    help="Only runs of this agent. May be repeated.",
)
objectives_option = click.option(
    "--objectives", type=_PATH, required=True, metavar="FILE", help="What is promised: a file of objectives."
)
at_option = click.option(
    "--at", type=time, metavar="TIME", help="As of then; now by default (ISO 8601, UTC)."
)
results_at_option = click.option(
    "--results-at",
    type=time,
    metavar="TIME",
    help="Trials were run then: results of suites do not tell when (ISO 8601, UTC).",
)
effect_option = click.option(
    "--effect", "effects", multiple=True, metavar="TOOL", help="This tool changes something. May be repeated."
)


def runs_options(command: F) -> F:
    """Add PATH..., ``--agent``, ``--since``, ``--until`` and ``--prices``."""
    told = "Only runs that began {} (ISO 8601, UTC)."
    options = (
        paths_argument,
        agent_option,
        click.option("--since", type=time, metavar="TIME", help=told.format("then or later")),
        click.option("--until", type=time, metavar="TIME", help=told.format("before then")),
        prices_option,
    )
    for decorate in reversed(options):
        command = decorate(command)
    return command


@dataclass(slots=True, kw_only=True)
class Looked:
    """Runs as they are read, and what was counted of them meanwhile."""

    settings: Settings
    lens: Lens
    problems: Problems
    sieve: Sieve
    seen: Witness
    paths: tuple[Path, ...] = ()
    files: tuple[Path, ...] = ()
    agent: str = ""
    runs: int = 0

    def through(self, paths: Iterable[Path]) -> Iterator[Operated]:
        """The wanted among the runs in files and folders. Raises what reading them raises."""
        from agentops_eval.harness.operating import files_in, operated

        asked = tuple(paths)
        for path in asked:
            refuse_absent(path)
        files = files_in(asked)
        self.paths, self.files = (*self.paths, *asked), (*self.files, *files)
        with reading_exports():
            for one in operated(files, self.problems):
                if self._wants(one):
                    self.runs += 1
                    yield one

    def _wants(self, one: Operated) -> bool:
        """A trial without a trace is wanted where nothing is asked of it."""
        if one.run is None:
            self.sieve.read += 1
            self.sieve.unknown += self.sieve.wanted.narrows
            return not self.sieve.wanted.narrows
        if not self.sieve.lets(one.run):
            return False
        self.seen.see(one.run)
        return True

    def keep(self, make: Callable[[], Noted]) -> None:
        """Write evidence, but of trials that were dated by hand: these show nothing of operation."""
        if self.lens.results_at_s is None:
            keep(self.settings, make)

    def operations(self, at: datetime | None = None) -> Operations:
        """Of what evidence is."""
        from agentops_eval.harness.evidencing import Operations

        return Operations(
            seen=self.seen,
            settings=self.settings,
            files=self.files,
            runs=self.runs,
            agent=self.agent,
            moment=at,
        )

    def json(self) -> dict[str, Json]:
        """The keys that every command of ``ops`` prints."""
        return {
            "paths": [str(path) for path in self.paths],
            "runs": self.runs,
            "without_clock": self.lens.without_clock,
            "without_trace": self.lens.without_trace,
            "undecided": self.lens.undecided,
            **sieve_json(self.sieve),
            **problems_json(self.problems),
        }

    def say_rest(self) -> None:
        """Say, below the figures, what is in none of them."""
        if not self.sieve.read:
            say_no_runs(self.paths)
        for count, what in (
            (self.lens.without_clock, "without a clock: nobody can say when"),
            (self.lens.without_trace, "whose trace was not kept"),
            (self.lens.undecided, "of which nobody can say whether they succeeded"),
        ):
            if count:
                prose(f"left out: {many(count, 'run')} {what}", style="yellow")
        say_left_out(self.sieve)
        say_problems(self.problems)


def looking(
    *,
    prices: Path | None,
    agents: Sequence[str] = (),
    agent: str = "",
    effects: tuple[str, ...] = (),
    since: datetime | None = None,
    until: datetime | None = None,
    results_at: datetime | None = None,
) -> Looked:
    """Prepare to look at runs; ``agent`` is whose runs are wanted, where a file says so."""
    from agentops_eval.harness import pricing_of, redactor_of, settings_for_reading
    from agentops_eval.harness.evidencing import Witness
    from agentops_eval.harness.operating import Lens

    settings = settings_for_reading(Path.cwd())
    wanted = tuple(agents) or ((agent,) if agent else ())
    return Looked(
        settings=settings,
        lens=Lens(
            price=pricing_of(settings, Path.cwd(), prices=prices),
            redactor=redactor_of(settings),
            attribution=settings.attributed_by,
            effects=effects,
            results_at_s=None if results_at is None else results_at.timestamp(),
        ),
        problems=problems_of(settings),
        sieve=sieve_of({"agents": wanted, "since": since, "until": until}),
        seen=Witness(),
        agent=wanted[0] if len(wanted) == 1 else "",
    )


def moment_of(at: datetime | None) -> datetime:
    """The moment that is meant, now where none is. Raises Misused for one that is yet to come."""
    now = datetime.now(UTC)
    if at is not None and at > now:
        raise Misused("--at is yet to come", remedy=f"--at {moment_text(now)}, or leave it out")
    return at or now


def figure(value: float | None, form: str = "{:.4g}") -> str:
    """A figure, a question mark where it is not known."""
    return "?" if value is None else form.format(value)


def share(value: float | None) -> str:
    """A share in percent."""
    return figure(None if value is None else 100 * value, "{:.1f}%")


def spell(seconds: float) -> str:
    """A stretch of time in the largest unit that fits: 5m, 1h, 3d."""
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "m")):
        if seconds >= size and (unit == "m" or not seconds % size):
            return f"{seconds / size:g}{unit}"
    return f"{seconds:g}s"
