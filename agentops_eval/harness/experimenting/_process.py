"""The provider ``process``: a program that is started without a shell, and ended with its children."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO

from agentops_eval.domain import ActivityKind, ActivityRefused, Json
from agentops_eval.harness.experimenting._provider import (
    ActivityFailed,
    Doing,
    Given,
    Project,
    seconds_of,
    text_of,
)

_KEPT = 200_000
_SHOWN = 300
_TICK_S = 0.02
_GRACE_S = 2.0
_DEFAULT_S = 600.0


class ProcessProvider:
    """Starts a program, and gives its exit code and what it printed."""

    def check(self, doing: Doing) -> None:
        """Refuse a program that cannot be started."""
        self._argv(doing)

    def would(self, doing: Doing) -> str:
        """The command."""
        return f"start {shlex.join(self._argv(doing))}"

    def run(self, doing: Doing) -> Given:
        """Start it and wait for it. Raises ActivityFailed where its time is over, or an action ends badly."""
        argv = self._argv(doing)
        timeout_s = seconds_of(doing.settings.get("timeout"), default=doing.activity.timeout_s or _DEFAULT_S)
        with subprocess.Popen(  # noqa: S603  # the user's own command, and no shell
            argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=doing.project.root,
            start_new_session=True,
        ) as process:
            owed = doing.owe({"type": "process", "pid": process.pid, "started": _started(process.pid)})
            assert process.stdout is not None
            assert process.stderr is not None
            readers = [_Reader(process.stdout), _Reader(process.stderr)]
            try:
                why = _waited(process, doing, timeout_s)
            finally:
                if process.returncode is None:
                    _end(process)
                out, err = (reader.text() for reader in readers)
            doing.restored(owed, "")
        if process.returncode and not why and doing.activity.kind is ActivityKind.ACTION:
            why = f"ended with {process.returncode}" + (f": {err.strip()[-_SHOWN:]}" if err.strip() else "")
        if why:
            raise ActivityFailed(f"{argv[0]} {why}")
        return Given(output={"status": process.returncode, "stdout": out, "stderr": err})

    def _argv(self, doing: Doing) -> list[str]:
        path = os.path.expanduser(text_of(doing.settings, "path"))  # noqa: PTH111  # as shutil.which wants it
        found = shutil.which(path, path=doing.project.environ.get("PATH"))
        if found is None and not os.path.isabs(path):  # noqa: PTH117
            found = shutil.which(str(doing.project.root / path))
        if found is None:
            raise ActivityRefused(
                f"{doing.activity.name}: there is no program {path}",
                remedy="install it, or give its path from the project's root",
            )
        return [found, *_words(doing.settings.get("arguments"))]


def _words(arguments: Json) -> list[str]:
    """As Chaos Toolkit takes them; a text is split into words instead of being given to a shell."""
    if isinstance(arguments, str):
        return shlex.split(arguments)
    if isinstance(arguments, Mapping):
        arguments = [word for pair in arguments.items() for word in pair]
    return [str(word) for word in arguments or () if word not in (None, "")]  # type: ignore[union-attr]


def _waited(process: subprocess.Popen[bytes], doing: Doing, timeout_s: float) -> str:
    """Wait; why it was not waited for to the end, else nothing."""
    until = time.monotonic() + timeout_s
    while True:
        try:
            process.wait(_TICK_S)
        except subprocess.TimeoutExpired:
            if doing.stop.is_set:
                return "was ended early"
            if time.monotonic() > until:
                return f"took more than {timeout_s:g} s"
        else:
            return ""


def _end(process: subprocess.Popen[bytes]) -> None:
    """End what is left of its process group."""
    with suppress(OSError):
        os.killpg(process.pid, signal.SIGTERM)
    with suppress(subprocess.TimeoutExpired):
        process.wait(_GRACE_S)
    with suppress(OSError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


class _Reader:
    """Reads a pipe to its end, and keeps its beginning."""

    def __init__(self, pipe: IO[bytes]) -> None:
        self._pipe = pipe
        self._kept = bytearray()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        with suppress(OSError, ValueError):
            while data := self._pipe.read1(65_536):  # type: ignore[attr-defined]  # pipes of Popen have it
                self._kept += data[: max(_KEPT - len(self._kept), 0)]

    def text(self) -> str:
        """What was read, once the pipe is at its end."""
        self._thread.join(_GRACE_S)
        return self._kept.decode("utf-8", "replace")


def _started(pid: int) -> str:
    """When a process began, in the system's own ticks, so that another one with its number is not meant."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return ""


def end_left_over(undo: Mapping[str, Json], project: Project) -> str:
    """End a process that a killed experiment has left, where it is still the same one."""
    pid, started = undo.get("pid"), undo.get("started")
    if not isinstance(pid, int) or pid <= 1 or not started or _started(pid) != started:
        return ""
    with suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)
    return f"process {pid} was ended"
