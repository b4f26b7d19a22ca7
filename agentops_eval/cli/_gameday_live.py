"""The live view of a game day: where it is, what it does now, how the steady state is, what was found."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import TYPE_CHECKING, Self

from agentops_eval.cli._experiments_told import told_entry
from agentops_eval.cli._output import console, line
from agentops_eval.domain import EntryKind, GamedayPlan, JournalEntry, JournalStatus

if TYPE_CHECKING:
    from rich.console import RenderableType

    from agentops_eval.harness.experimenting import Stop

_SHOWN, _MOST_STEPS, _REFRESHES = 14, 10, 8
_AROUND = 7
"""Lines of the view beside its steps and what was told last."""


class LiveView:
    """Redraws as entries come; q stops the day."""

    def __init__(self, plan: GamedayPlan, stop: Stop) -> None:
        self._plan = plan
        self._stop = stop
        self._lock = threading.Lock()
        self._entries: list[JournalEntry] = []
        self._lines: list[tuple[str, str]] = []
        self._now = ""
        self._at = 0
        self._outcomes: dict[int, str] = {}
        self._steady: dict[int, str] = {}
        self._over = False
        self._begun = time.monotonic()

    def __enter__(self) -> Self:
        from rich.live import Live

        self._keys = _keys(self._stop)
        self._keys.__enter__()
        self._live = Live(
            get_renderable=self._drawn, console=console(), refresh_per_second=_REFRESHES, transient=False
        )
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over = True
        self._live.stop()
        self._keys.__exit__(kind, error, trace)

    def take(self, entry: JournalEntry) -> None:
        """Take an entry in, from any thread."""
        with self._lock:
            self._entries.append(entry)
            self._lines += told_entry(entry, self._entries)
            self._follow(entry)

    def _follow(self, entry: JournalEntry) -> None:
        data, number = entry.data, entry.experiment
        if entry.kind is EntryKind.EXPERIMENT:
            self._at = number
            self._outcomes[number] = "under way"
        elif entry.kind is EntryKind.START:
            activity = data.get("activity")
            self._now = str(activity.get("name", "")) if isinstance(activity, Mapping) else ""
        elif entry.kind is EntryKind.END:
            self._now = ""
        elif entry.kind is EntryKind.LOOKED:
            self._steady[number] = "met" if data.get("met") is True else "not met"
        elif entry.kind is EntryKind.ENDED:
            deviated = data.get("deviated") is True
            self._outcomes[number] = "deviated" if deviated else str(data.get("status"))

    def _drawn(self) -> RenderableType:
        from rich.console import Group
        from rich.panel import Panel
        from rich.text import Text

        with self._lock:
            steps = min(len(self._plan.steps), _MOST_STEPS)
            room = max(console().height - steps - _AROUND, 1)
            told = [Text(text, style, no_wrap=True, overflow="ellipsis") for text, style in self._lines]
            body = Group(self._steps(), *self._head(), Text(""), *told[-min(room, _SHOWN) :], *self._foot())
            return Panel(body, title=Text(line(self._plan.title, limit=80)), title_align="left")

    def _steps(self) -> RenderableType:
        """A row an experiment; of many those around the one that is under way."""
        from rich.table import Table
        from rich.text import Text

        table = Table.grid(padding=(0, 2, 0, 0), expand=True)
        for ratio in (None, 1, None, None):
            table.add_column(ratio=ratio, no_wrap=True, overflow="ellipsis")
        first = max(min(self._at - _MOST_STEPS // 2, len(self._plan.steps) - _MOST_STEPS), 0)
        for number, step in list(enumerate(self._plan.steps, start=1))[first : first + _MOST_STEPS]:
            outcome = self._outcomes.get(number, "waiting")
            mark = "\u25b6" if outcome == "under way" else " "
            steady = self._steady.get(number, "")
            told = f"steady state {steady}" if steady else ""
            style = _style(outcome, steady)
            table.add_row(mark, Text(line(step.experiment.title, limit=120)), Text(outcome, style), told)
        return table

    def _head(self) -> Iterator[RenderableType]:
        from rich.text import Text

        elapsed = int(time.monotonic() - self._begun)
        now = f"  now: {line(self._now, limit=120)}" if self._now and not self._over else ""
        yield Text(f"{elapsed // 60}:{elapsed % 60:02d}{now}", no_wrap=True, overflow="ellipsis")

    def _foot(self) -> Iterator[RenderableType]:
        """How to stop it, as long as there is something to stop."""
        from rich.text import Text

        reason = self._stop.reason
        if not self._over:
            yield Text("")
            yield Text(f"stopping: {reason}", "yellow") if reason else Text("q or Ctrl-C stops it", "dim")


def _style(outcome: str, steady: str) -> str:
    if outcome == "completed":
        return "green"
    if outcome in ("waiting", "under way"):
        return "red" if steady == "not met" else ""
    return "red"


@contextmanager
def _keys(stop: Stop) -> Iterator[None]:
    """Let q stop the day, where there is a keyboard; the terminal is as before at the end."""
    import select
    import sys

    try:
        import termios
        import tty
    except ImportError:
        yield
        return
    try:
        descriptor = sys.stdin.fileno()
        before = termios.tcgetattr(descriptor)
        tty.setcbreak(descriptor)
    except (OSError, ValueError, AttributeError, termios.error):
        yield
        return
    over = threading.Event()

    def listen() -> None:
        with suppress(OSError, ValueError):
            while not over.is_set():
                ready, _, _ = select.select([descriptor], [], [], 0.1)
                if ready and sys.stdin.read(1).lower() == "q":
                    stop.now(JournalStatus.INTERRUPTED, "interrupted: q")

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(1.0)
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)
