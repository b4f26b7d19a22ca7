"""Running the determinism audit: child processes that replay one case with one factor varied.

A child is any command that opens a run (``agentops-eval replay``, ``pytest NODEID``); it is told
through ``AGENTOPS_PROBE``, a JSON file's path, what to vary and where to write what it saw. Hash
order can only be varied by a new process, so all factors are varied that way.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from agentops_eval.domain import Json, RunMisuse
from agentops_eval.harness._probe import PROBE_VARIABLE, ProbeOrder
from agentops_eval.replay import AuditReport, Factor, Probe, judge_audit

_PLAIN_HASH_SEED, _VARIED_HASH_SEED = "1", "4711"
_TIMEOUT_S = 600.0


def audit_command(
    command: Sequence[str], *, intentional: Sequence[str] = (), cwd: Path | None = None
) -> AuditReport:
    """Run ``command`` plainly, again, and once per factor, and compare what the runs asked for.

    Raises RunMisuse when the plain command fails or opens no run.
    """
    with tempfile.TemporaryDirectory(prefix="agentops-audit-") as folder:

        def probe(name: str, factor: Factor) -> Probe:
            out = Path(folder) / f"{name}.out.json"
            order = ProbeOrder(factor=factor, out=str(out), intentional=tuple(intentional))
            told = Path(folder) / f"{name}.json"
            told.write_bytes(msgspec.json.encode(order))
            return _run_child(command, told, out, factor, cwd, plain=factor is Factor.NOTHING)

        plain = probe("plain", Factor.NOTHING)
        again = probe("again", Factor.NOTHING)
        varied = {f: probe(f.value, f) for f in Factor if f not in (Factor.NOTHING, Factor.ENVIRONMENT)}
        if any(read.factor == Factor.ENVIRONMENT.value for read in plain.reads):
            varied[Factor.ENVIRONMENT] = _vary_environment(command, plain, Path(folder), intentional, cwd)
        return judge_audit(plain, again, varied)


def _run_child(
    command: Sequence[str],
    told: Path,
    out: Path,
    factor: Factor,
    cwd: Path | None,
    *,
    plain: bool,
    extra: Mapping[str, str] | None = None,
) -> Probe:
    seed = _VARIED_HASH_SEED if factor is Factor.HASH_ORDER else _PLAIN_HASH_SEED
    environ = {**os.environ, PROBE_VARIABLE: str(told), "PYTHONHASHSEED": seed, **(extra or {})}
    done = subprocess.run(
        command, env=environ, cwd=cwd, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False
    )
    if not out.exists() or (plain and done.returncode != 0):
        tail = "\n".join((done.stdout + done.stderr).strip().splitlines()[-8:])
        raise RunMisuse(
            f"the audited command failed with exit code {done.returncode}" if done.returncode
            else "the audited command opened no run",
            where=" ".join(command),
            difference=tail,
            remedy="make it pass without the audit first",
        )
    return msgspec.json.decode(out.read_bytes(), type=Probe)


def _vary_environment(
    command: Sequence[str], plain: Probe, folder: Path, intentional: Sequence[str], cwd: Path | None
) -> Probe:
    """Change the value of every variable that the agent's own code read."""
    names = {read.detail for read in plain.reads if read.factor == Factor.ENVIRONMENT.value}
    extra = {name: f"{os.environ.get(name, '')}-varied" for name in names if name and name != PROBE_VARIABLE}
    out, told = folder / "environment.out.json", folder / "environment.json"
    order = ProbeOrder(factor=Factor.ENVIRONMENT, out=str(out), intentional=tuple(intentional))
    told.write_bytes(msgspec.json.encode(order))
    try:
        return _run_child(command, told, out, Factor.ENVIRONMENT, cwd, plain=False, extra=extra)
    except RunMisuse:  # the agent cannot even start with other values: it depends on them
        return Probe(outcome="raised")


def report_json(report: AuditReport) -> Json:
    """The documented keys of ``replay --twice --json``."""
    document: Json = json.loads(msgspec.json.encode(report))
    assert isinstance(document, dict)
    return {**document, "deterministic": not report.accidental and not report.unstable}
