"""Asking a subject more than once in one run: by beats, in threads where several come at once."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

from agentops_eval.chaos.conformance import Beat, Drive, Turn
from agentops_eval.domain import Json, RunMisuse, nearest, to_json
from agentops_eval.harness.faulting._bounded import error_text
from agentops_eval.harness.faulting._subject import Play, Subject
from agentops_eval.seams import current_scope


def driven(subject: Subject, drive: Drive) -> Subject:
    """The same subject, whose every run asks it by the beats of ``drive`` and gives its turns as output.

    What a turn raises is told in it, and the next one comes all the same.
    Raises RunMisuse for a task that the subject does not have.
    """
    for name in [name for beat in drive.beats for name in (beat.task, *beat.beside)]:
        if name and name not in subject.tasks:
            raise RunMisuse(f"there is no task {name!r} to ask", remedy=nearest(name, subject.tasks))

    def begin() -> Play:
        play = subject.begin()
        return replace(play, call=lambda: _drive(play, drive))

    turns = sum(beat.together + len(beat.beside) for beat in drive.beats)
    pauses_s = sum(beat.after_s for beat in drive.beats)
    limits = subject.limits
    more = replace(
        limits,  # each turn may take what a run may
        deadline_s=limits.deadline_s * max(turns, 1) + pauses_s,
        calls=limits.calls * max(turns, 1),
        repeats=limits.repeats * max(turns, 1),
    )
    return replace(subject, begin=begin, limits=more)


def _drive(play: Play, drive: Drive) -> list[Json]:
    found: list[Turn] = []
    with _environment(drive.environment):
        for number, beat in enumerate(drive.beats):
            if beat.after_s > 0:
                time.sleep(beat.after_s)
            found += _asked(play, beat, number)
    return [turn.to_json() for turn in found]


def _asked(play: Play, beat: Beat, number: int) -> list[Turn]:
    """One beat: in this thread where it is a single turn, so that its calls stay in the run's own lane."""
    names = (*(beat.task,) * beat.together, *beat.beside)
    tasks = [_task(play, name) for name in names]
    if len(names) == 1:
        return [_turn(tasks[0], names[0], number)]
    turns: dict[int, Turn] = {}
    broken: list[BaseException] = []

    def ask(place: int) -> None:
        try:
            turns[place] = _turn(tasks[place], names[place], number)
        except BaseException as error:  # the watchdog's, or a kill: the run's own thread has to hear of it
            broken.append(error)

    threads = [
        threading.Thread(target=ask, args=(place,), name=f"turn {place}") for place in range(len(names))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if broken:
        raise broken[0]
    return [turns[place] for place in sorted(turns)]


def _task(play: Play, name: str) -> Callable[[], object]:
    return play.tasks[name] if name else play.call


def _turn(call: Callable[[], object], name: str, number: int) -> Turn:
    started_s = _now_s()
    output: Json = None
    error = ""
    try:
        output = to_json(call())
    except Exception as raised:
        error = f"{type(raised).__name__}: {error_text(raised)}"
    return Turn(task=name, beat=number, started_s=started_s, ended_s=_now_s(), output=output, error=error)


def _now_s() -> float:
    scope = current_scope()
    return 0.0 if scope is None else scope.clock.elapsed_s()


@contextmanager
def _environment(wanted: Mapping[str, str]) -> Iterator[None]:
    """Set environment variables for the time of a run, and put back what was there."""
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
