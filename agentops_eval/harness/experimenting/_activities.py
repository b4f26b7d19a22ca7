"""One activity carried out: its names replaced, pauses around it, in a thread that may be left behind."""

from __future__ import annotations

import contextvars
import itertools
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

from agentops_eval.chaos.experiments import substitute, told_tolerance, values_of, within
from agentops_eval.documents import shown
from agentops_eval.domain import (
    Activity,
    ActivityKind,
    ActivityRun,
    ActivityStatus,
    AgentopsError,
    Dry,
    EntryKind,
    ExperimentInvalid,
    Json,
)
from agentops_eval.harness.experimenting._clock import ExperimentClock
from agentops_eval.harness.experimenting._journal_file import JournalFile
from agentops_eval.harness.experimenting._provider import (
    ActivityFailed,
    ActivityProvider,
    Doing,
    Given,
    Project,
    in_words,
    seconds_of,
)
from agentops_eval.harness.experimenting._stop import Stop

T = TypeVar("T")

_TICK_S = 0.05
GRACE_S = 5.0
"""Seconds that an activity has to end by itself, before it is left behind."""
_VERBATIM = frozenset({"module", "func", "path", "agent", "world"})
"""What names code or a program is taken as it is written: a configured value cannot change it."""


class _LeftBehind(Exception):
    """An activity did not end in time, or had to be left; its thread may go on."""


@dataclass(slots=True, kw_only=True)
class Performer:
    """Carries out the activities of one experiment, and writes each of them down.

    Once ``undoing``, a journal that cannot be written any more keeps nothing from being undone.
    """

    file: JournalFile
    clock: ExperimentClock
    project: Project
    providers: Mapping[str, ActivityProvider]
    number: int = 1
    dry: Dry | None = None
    undoing: bool = False
    hosts: tuple[str, ...] = ()
    grace_s: float = GRACE_S
    configuration: dict[str, Json] = field(default_factory=dict)
    secrets: dict[str, Json] = field(default_factory=dict)
    _ids: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def write(self, kind: EntryKind, part: str, told: Mapping[str, Json]) -> None:
        """Write a line of this experiment. Raises OSError where that cannot be, unless it is ``undoing``."""
        try:
            self.file.append(kind, at=self.clock.now(), experiment=self.number, part=part, data=told)
        except OSError:
            if not self.undoing:
                raise

    def new_id(self) -> int:
        """A number that nothing of this experiment has yet."""
        return next(self._ids)

    def number_from(self, first: int) -> None:
        """Go on with numbers from here, as an earlier process has used those before."""
        self._ids = itertools.count(first)

    def doing(self, activity: Activity, stop: Stop, *, value: Json = None, asked: bool = False) -> Doing:
        """What the activity's provider is given; ``value`` is its argument of that name where it is asked."""
        values = values_of(self.configuration, self.secrets)
        settings = {
            name: said if name in _VERBATIM else substitute(said, values)
            for name, said in activity.provider.settings.items()
        }
        if asked:
            arguments = settings.get("arguments")
            settings["arguments"] = {**(arguments if isinstance(arguments, Mapping) else {}), "value": value}
        return Doing(
            activity=activity,
            settings=settings,
            project=self.project,
            stop=stop,
            configuration=self.configuration,
            secrets=self.secrets,
            hosts=self.hosts,
            dry=self.is_dry(activity),
            owe=self._owe,
            restored=self.restored,
        )

    def check(self, activity: Activity) -> None:
        """Refuse what may not be done, before anything is. Raises AgentopsError."""
        provider = self.providers.get(activity.provider.kind)
        if provider is None:
            raise ExperimentInvalid(f"there is no provider {activity.provider.kind!r}")
        provider.check(self.doing(activity, Stop()))

    def _owe(self, undo: Mapping[str, Json]) -> int:
        number = self.new_id()
        self.write(EntryKind.OWED, "", {"id": number, "undo": undo})
        return number

    def restored(self, number: int, what: str, error: str = "") -> None:
        """Write down that something is undone, or why it is not."""
        told: dict[str, Json] = {"id": number, "what": what}
        self.write(EntryKind.RESTORED, "", {**told, "error": error} if error else told)

    def is_dry(self, activity: Activity) -> bool:
        """Whether an activity is only told."""
        dry = activity.dry or self.dry
        by_kind = {Dry.ACTIONS: ActivityKind.ACTION, Dry.PROBES: ActivityKind.PROBE}
        return dry is Dry.ACTIVITIES or (dry in by_kind and activity.kind is by_kind[dry])

    def perform(
        self, activity: Activity, stop: Stop, *, part: str, look: int = 0, place: int | None = None
    ) -> ActivityRun:
        """Carry it out, with its pauses; a run that failed is given, not raised."""
        dry = self.is_dry(activity)
        pausing = not dry and (activity.dry or self.dry) is not Dry.PAUSE
        pauses = substitute(
            {"before": activity.pauses.before_s, "after": activity.pauses.after_s},
            values_of(self.configuration, self.secrets),
        )
        assert isinstance(pauses, Mapping)
        if pausing:
            self._pause(pauses["before"], stop)
        number, start = self.new_id(), self.clock.elapsed_s()
        told: dict[str, Json] = {"id": number, "activity": activity.source}
        told |= {"look": look} if look else {}
        told |= {"dry": True} if dry else {}
        told |= {"place": place} if place is not None else {}
        self.write(EntryKind.START, part, told)
        run = self._carried_out(activity, stop, dry=dry)
        run = replace(run, duration_s=round(self.clock.elapsed_s() - start, 6))
        self._end(number, run, part)
        if pausing:
            self._pause(pauses["after"], stop)
        return run

    def _pause(self, seconds: Json, stop: Stop) -> None:
        try:
            wait_s = seconds_of(seconds, default=0.0)
        except ActivityFailed as error:
            raise ExperimentInvalid(f"a pause cannot be made: {error}") from None
        if wait_s:
            self.clock.wait(wait_s, stop)

    def _carried_out(self, activity: Activity, stop: Stop, *, dry: bool) -> ActivityRun:
        provider = self.providers[activity.provider.kind]
        begun = ActivityRun(activity=activity.source, dry=dry)
        try:
            doing = self.doing(activity, stop)
            if dry:
                return replace(begun, status=ActivityStatus.SUCCEEDED, told=f"would {provider.would(doing)}")
            given = self._in_time(provider, doing)
        except _LeftBehind as left:
            return replace(begun, status=ActivityStatus.ABORTED, exception=(str(left),))
        except Exception as error:
            status = ActivityStatus.ABORTED if stop.is_set else ActivityStatus.FAILED
            return replace(begun, status=status, exception=_in_lines(error))
        self.clock.passed(given.virtual_s)
        return self._judged(activity, replace(begun, output=given.output, told=given.told), stop)

    def _in_time(self, provider: ActivityProvider, doing: Doing) -> Given:
        timeout_s = doing.activity.timeout_s
        return in_thread(lambda: provider.run(doing), doing.stop, timeout_s=timeout_s, grace_s=self.grace_s)

    def _judged(self, activity: Activity, run: ActivityRun, stop: Stop) -> ActivityRun:
        run = replace(run, status=ActivityStatus.SUCCEEDED)
        if activity.tolerance is None:
            return run
        met = within(
            activity.tolerance,
            run.output,
            ask=lambda asked, value: self._ask(asked, value, stop),
            values=values_of(self.configuration, self.secrets),
        )
        told = run.told
        if not met and not told:
            told = f"it gave {self.shown(run.output)}, not {told_tolerance(activity.tolerance)}"
        return replace(run, tolerance_met=met, told=told)

    def shown(self, value: Json) -> str:
        """A value in a few words, with secrets hidden first: half of one would not be recognised."""
        return shown(self.file.redactor.json(value))

    def _ask(self, activity: Activity, value: Json, stop: Stop) -> bool:
        """Ask an activity that is a tolerance; false where it could not be asked."""
        provider = self.providers[activity.provider.kind]
        doing = self.doing(activity, stop, value=value, asked=True)
        try:
            return bool(self._in_time(provider, doing).output)
        except Exception:
            return False

    def _end(self, number: int, run: ActivityRun, part: str) -> None:
        told: dict[str, Json] = {"id": number, "status": str(run.status), "output": run.output}
        told["duration"] = run.duration_s
        if run.tolerance_met is not None:
            told["tolerance_met"] = run.tolerance_met
        if run.exception:
            told["exception"] = [line.rstrip("\n") for line in run.exception]
        if run.told:
            told["told"] = run.told
        self.write(EntryKind.END, part, told)


def _in_lines(error: Exception) -> tuple[str, ...]:
    """An error as journals keep it: ours in words, any other with its type. The last line says the most."""
    if isinstance(error, ActivityFailed):
        return (str(error),)
    if isinstance(error, AgentopsError):
        return (*error.difference.splitlines(), in_words(error))
    return tuple(traceback.format_exception_only(error))


def in_thread(work: Callable[[], T], stop: Stop, *, timeout_s: float | None, grace_s: float = GRACE_S) -> T:
    """What the work gives; raises what it raises. It runs in a thread, so that one that hangs can be left.

    Raises _LeftBehind where everything has to end and it does not, or ActivityFailed after its time.
    """
    done, found, raised = threading.Event(), list[T](), list[BaseException]()

    def body() -> None:
        try:
            found.append(work())
        except BaseException as error:  # it is raised where it is waited for
            raised.append(error)
        finally:
            done.set()

    context = contextvars.copy_context()
    threading.Thread(target=context.run, args=(body,), daemon=True, name="agentops-activity").start()
    _await(done, stop, timeout_s, grace_s)
    if raised:
        raise raised[0] if isinstance(raised[0], Exception) else ActivityFailed(repr(raised[0]))
    return found[0]


def _await(done: threading.Event, stop: Stop, timeout_s: float | None, grace_s: float) -> None:
    begun = time.monotonic()
    stopped: float | None = None
    while not done.wait(_TICK_S):
        now = time.monotonic()
        if timeout_s is not None and now - begun > timeout_s + grace_s:
            raise ActivityFailed(f"it took more than {timeout_s:g} s, and was left behind")
        if stop.is_set:
            stopped = now if stopped is None else stopped
            if now - stopped > grace_s:
                raise _LeftBehind(f"it was under way, and did not end within {grace_s:g} s")
