"""Running a command as a child process, to its end or to ours."""

from __future__ import annotations

import contextvars
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from agentops_eval.domain import TargetInvalid

_ENDING_S = (2.0, 3.0, 5.0)  # by itself, after SIGTERM, after SIGKILL
_KEPT_BYTES = 400_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildEnd:
    """How a child ended: its exit code (a signal is negative), and what it printed, if that was kept."""

    code: int
    printed: str | None = None

    @property
    def said(self) -> int | str:
        """The exit code, or the signal's name."""
        if self.code >= 0:
            return self.code
        try:
            return signal.Signals(-self.code).name
        except ValueError:
            return f"signal {-self.code}"


def check_command(command: Sequence[str]) -> None:
    """Raise TargetInvalid where there is no such program to run."""
    program = command[0]
    if shutil.which(program) is not None:
        return
    at = Path(program)
    if at.is_file():
        raise TargetInvalid(
            f"{program!r} is not executable", remedy=f"chmod +x {program}, or name its interpreter"
        )
    near = f"write ./{program}" if Path(program + ".sh").is_file() or at.exists() else ""
    raise TargetInvalid(
        f"there is no program {program!r}", remedy=near or "name a program that the shell finds"
    )


def run_child(command: Sequence[str], environment: Mapping[str, str], *, keep: bool = False) -> ChildEnd:
    """Run ``command`` and wait for it. With ``keep`` what it prints is passed on and kept as well.

    Ctrl-C and SIGTERM end the child and surface as KeyboardInterrupt.
    """
    with _terminable(signal.SIGTERM):
        try:
            child = subprocess.Popen(  # noqa: S603 - what the user asked for
                list(command), env=dict(environment), stdout=subprocess.PIPE if keep else None
            )
        except OSError as error:
            raise TargetInvalid(f"cannot run {command[0]!r}: {error.strerror or error}") from None
        copy = _Copy(child.stdout) if child.stdout is not None else None
        try:
            code = child.wait()
        except BaseException as error:
            _end(child, patiently=not isinstance(error, _Terminated))
            raise
        return ChildEnd(code=code, printed=None if copy is None else copy.text())


def wait_for_interruption(ready: Callable[[], None]) -> None:
    """Call ``ready``, and return at SIGINT (also where a script's ``&`` has us ignore it) or SIGTERM."""
    with _terminable(signal.SIGTERM, signal.SIGINT):
        try:
            ready()
            while True:
                signal.pause()
        except KeyboardInterrupt:
            return


class _Terminated(KeyboardInterrupt):
    """By a signal to us: an interruption that the child has not heard of."""


@contextmanager
def _terminable(*numbers: signal.Signals) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def hear(*_: object) -> None:
        raise _Terminated

    before = {number: signal.signal(number, hear) for number in numbers}
    try:
        yield
    finally:
        for number, former in before.items():
            signal.signal(number, former)


def _end(child: subprocess.Popen[bytes], *, patiently: bool) -> None:
    """End the child: a terminal's Ctrl-C has reached it already, so it first gets time to act on that."""
    steps = (child.terminate, child.kill)
    try:
        if patiently:
            with suppress(subprocess.TimeoutExpired):
                child.wait(_ENDING_S[0])
        for step, seconds in zip(steps, _ENDING_S[1:], strict=True):
            if child.poll() is None:
                step()
                with suppress(subprocess.TimeoutExpired):
                    child.wait(seconds)
    finally:
        if child.poll() is None:
            child.kill()


class _Copy:
    """Passes on what a child prints as it comes, and keeps the beginning."""

    def __init__(self, source: IO[bytes]) -> None:
        self._source = source
        self._kept = bytearray()
        self._thread = threading.Thread(target=self._run, name="agentops-child-output", daemon=True)
        contextvars.Context().run(self._thread.start)  # it belongs to no run

    def text(self) -> str:
        """What was printed; a process that the child left behind is not waited for."""
        self._thread.join(1.0)
        return bytes(self._kept).decode("utf-8", "replace").strip()

    def _run(self) -> None:
        while data := os.read(self._source.fileno(), 65536):
            self._kept += data[: _KEPT_BYTES - len(self._kept)]
            with suppress(OSError, ValueError):
                sys.stdout.buffer.write(data)
                sys.stdout.buffer.flush()
        self._source.close()
