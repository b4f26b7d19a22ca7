"""Running the determinism audit: child processes that replay one case with one factor varied.

A child is any command that opens a run (``agentops-eval replay``, ``pytest NODEID``); it is told
through ``AGENTOPS_AUDIT_ORDER``, a JSON file's path, what to vary and where to write what it saw. Hash
order can only be varied by a new process, so all factors are varied that way. Children run one
after the other, because agents share files and ports with themselves.
"""

from __future__ import annotations

import math
import os
import re
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from agentops_eval.domain import RunMisuse
from agentops_eval.harness._audited import NEWEST_FIRST, ORDER_VARIABLE, SHUFFLED, UNFINISHED, AuditOrder
from agentops_eval.replay import (
    MISSED,
    AuditReport,
    AuditRun,
    Dependence,
    Factor,
    Trial,
    another_value,
    changed,
    judge_audit,
)

_PLAIN_HASH_SEED = "1"
_HASH_SEEDS = ("4711", "97", "31337")  # two elements keep their order under every second seed
_PATIENCE_S = 600.0
_MOST_SITES = 8
_MOST_VARIABLES = 12
_WHOLESALE = 16
_ESSENTIAL = re.compile(r"PATH|PYTHON.*|AGENTOPS_.*|PYTEST_.*|(LD|DYLD)_.*")
_TAIL = 8


def audit_command(
    command: Sequence[str],
    *,
    intentional: Sequence[str] = (),
    cwd: Path | None = None,
    tell: Callable[[str], None] | None = None,
) -> AuditReport:
    """Run ``command`` plainly, again, and with each factor varied, and compare what the runs asked for.

    ``intentional`` holds globs over ``module:function`` whose reads are meant. ``tell`` hears the name
    of every run before it starts. Raises RunMisuse when the plain command fails, opens no run, or
    misses for a reason that the audit does not find.
    """
    with tempfile.TemporaryDirectory(prefix="agentops-audit-") as folder:
        return _Audit(command, tuple(intentional), cwd, Path(folder), tell).report()


class _Audit:
    """One audit: every run is a child process."""

    def __init__(
        self,
        command: Sequence[str],
        intentional: tuple[str, ...],
        cwd: Path | None,
        folder: Path,
        tell: Callable[[str], None] | None,
    ) -> None:
        self._command = list(command)
        self._intentional = intentional
        self._cwd = cwd
        self._folder = folder
        self._tell = tell
        self._runs = 0
        self._patience_s = _PATIENCE_S
        # Ahead of the machine's, so that no child sees time pass backwards since it was started.
        self._monotonic_s = math.ceil(time.monotonic()) + 3_600.0
        given = os.environ.get("PYTHONHASHSEED", "")
        self._hash_seed = given if given.isdigit() else _PLAIN_HASH_SEED

    def report(self) -> AuditReport:
        """Run everything that there is to run, and judge it."""
        began_s = time.monotonic()
        plain = self._child("plain", Factor.NOTHING)
        if plain.outcome == UNFINISHED or plain.outcome not in {MISSED, plain.recorded}:
            raise self._failed(f"the audited command ended otherwise than its recording: {plain.ended}")
        self._patience_s = 30.0 + 10.0 * (time.monotonic() - began_s)
        plain_words = self._last_words()
        again = self._child("the same again", Factor.NOTHING)
        trials: list[Trial] = []
        if changed(plain, again) is None:
            trials += [*self._hash_order(plain), *self._readings(plain)]
            trials += [*self._environment(plain), *self._task_order(plain)]
        left = sorted(self._read_variables(plain) - {t.variable for t in trials})
        unvaried = [*left, *(f"(all of it, at {site})" for site in sorted(self._wholesale(plain)))]
        report = judge_audit(plain, again, trials, unvaried=unvaried, runs=self._runs)
        explained = any(finding.dependence is not Dependence.HARMLESS for finding in report.findings)
        if plain.outcome == MISSED and not explained:
            raise self._failed("the audited command does not replay with nothing varied", plain_words)
        return report

    # -- factors ------------------------------------------------------------------------------

    def _hash_order(self, plain: AuditRun) -> Iterator[Trial]:
        seeds = [seed for seed in _HASH_SEEDS if seed != self._hash_seed]
        for number, seed in enumerate(seeds, 1):
            name = f"hash order {number}"
            run = self._child(name, Factor.HASH_ORDER, environ={"PYTHONHASHSEED": seed})
            yield Trial(factor=Factor.HASH_ORDER, run=run)
            if changed(plain, run) is not None:
                return

    def _readings(self, plain: AuditRun) -> Iterator[Trial]:
        """Vary all of a factor; where that matters, each place that draws it alone."""
        for factor in (Factor.TIME, Factor.ENTROPY):
            broad = self._child(factor.value, factor)
            yield Trial(factor=factor, run=broad)
            change = changed(plain, broad)
            if change is None or not change.reached:
                continue
            sites = dict.fromkeys(read.site for read in plain.reads if read.factor == factor.value)
            for site in list(sites)[:_MOST_SITES]:
                run = self._child(f"{factor.value} at {site}", factor, site=site)
                yield Trial(factor=factor, run=run, site=site)

    def _environment(self, plain: AuditRun) -> Iterator[Trial]:
        names = sorted(name for name in self._read_variables(plain) if not _ESSENTIAL.fullmatch(name))
        for name in names[:_MOST_VARIABLES]:
            another = {name: another_value(os.environ.get(name))}
            run = self._child(f"environment {name}", Factor.ENVIRONMENT, environ=another)
            yield Trial(factor=Factor.ENVIRONMENT, run=run, variable=name)

    def _read_variables(self, plain: AuditRun) -> set[str]:
        """What the agent's code read by name; a place that reads everything names nothing."""
        reads = [read for read in plain.reads if read.factor == Factor.ENVIRONMENT.value]
        wholesale = self._wholesale(plain)
        return {read.detail for read in reads if read.detail and read.site not in wholesale}

    def _wholesale(self, plain: AuditRun) -> set[str]:
        """The places that read the environment as a whole."""
        there = Counter(read.site for read in plain.reads if read.factor == Factor.ENVIRONMENT.value)
        return {site for site, count in there.items() if count > _WHOLESALE}

    def _task_order(self, plain: AuditRun) -> Iterator[Trial]:
        run = self._child("task order, newest first", Factor.TASK_ORDER, tasks=NEWEST_FIRST)
        yield Trial(factor=Factor.TASK_ORDER, run=run)
        if plain.concurrent and changed(plain, run) is None:
            run = self._child("task order, shuffled", Factor.TASK_ORDER, tasks=SHUFFLED)
            yield Trial(factor=Factor.TASK_ORDER, run=run)

    # -- children -----------------------------------------------------------------------------

    def _child(
        self,
        name: str,
        factor: Factor,
        *,
        environ: Mapping[str, str] | None = None,
        site: str = "",
        tasks: str = "",
    ) -> AuditRun:
        """Run one child and read what it saw, however it ended."""
        if self._tell is not None:
            self._tell(name)
        self._runs += 1
        out = self._folder / f"{self._runs}.run.json"
        order = AuditOrder(
            factor=factor,
            out=str(out),
            intentional=self._intentional,
            site=site,
            tasks=tasks,
            monotonic_s=self._monotonic_s,
        )
        told = self._folder / f"{self._runs}.order.json"
        told.write_bytes(msgspec.json.encode(order))
        ended = self._run_child({ORDER_VARIABLE: str(told), **(environ or {})})
        try:
            return msgspec.json.decode(out.read_bytes(), type=AuditRun)
        except FileNotFoundError:
            if factor is Factor.NOTHING:
                raise self._failed(f"the audited command opened no run and ended with {ended}") from None
            said = self._last_words().rpartition("\n")[2]
            return AuditRun(outcome=f"ended with {ended} before a run was opened", said=said)

    def _run_child(self, environ: Mapping[str, str]) -> str:
        whole = {**os.environ, "PYTHONHASHSEED": self._hash_seed, **environ}
        whole.pop("AGENTOPS_RECORD", None)
        with self._log.open("wb") as log:  # a file: a grandchild may keep a pipe open for ever
            try:
                done = subprocess.run(  # noqa: S603 -- this very program, on the user's own agent
                    self._command,
                    env=whole,
                    cwd=self._cwd,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    timeout=self._patience_s,
                    check=False,
                )
            except subprocess.TimeoutExpired:
                return f"nothing within {self._patience_s:.0f} s"
        return f"exit code {done.returncode}"

    @property
    def _log(self) -> Path:
        return self._folder / "output.txt"

    def _last_words(self) -> str:
        text = self._log.read_text(encoding="utf-8", errors="replace")
        return "\n".join(text.strip().splitlines()[-_TAIL:])

    def _failed(self, what: str, words: str | None = None) -> RunMisuse:
        return RunMisuse(
            what,
            where=" ".join(self._command),
            difference=self._last_words() if words is None else words,
            remedy="make it replay without the audit first; where it does, it reads what no seam holds",
        )
