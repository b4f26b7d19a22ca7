"""``doctor``: is this machine, this project and every recording in it in order?"""

from __future__ import annotations

import importlib.metadata
import inspect
import platform
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from agentops_eval.cli._output import json_option, plain, print_json, say
from agentops_eval.domain import AgentopsError

_SEAMS = (
    ("httpx", "Client", "_transport_for_url"),
    ("httpx2", "Client", "_transport_for_url"),
    ("urllib3", "HTTPConnectionPool", "_make_request"),
    ("aiohttp", "ClientSession", "_request"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at: its name, ok / warning / error, and what was seen."""

    name: str
    level: str
    text: str


@click.command()
@click.option("--root", type=click.Path(path_type=Path, file_okay=False), default=Path("."), help="The project.")
@json_option
def doctor(root: Path, as_json: bool) -> int:
    """Check the machine, the settings and every recording of the project."""
    findings = [finding for check in (_machine, _libraries, _seams) for finding in check()]
    findings += list(_project(root))
    broken = [finding for finding in findings if finding.level == "error"]
    if as_json:
        print_json(
            {
                "ok": not broken,
                "findings": [{"name": f.name, "level": f.level, "text": f.text} for f in findings],
            }
        )
        return 1 if broken else 0
    marks = {"ok": ("ok", ""), "warning": ("warn", "yellow"), "error": ("FAIL", "red")}
    for finding in findings:
        mark, style = marks[finding.level]
        say(f"{mark:<5} {finding.name:<24} {plain(finding.text)}", style=style)
    say(f"{len(broken)} problem(s) found" if broken else "all well")
    return 1 if broken else 0


def _machine() -> Iterator[Finding]:
    version = platform.python_version()
    ok = sys.version_info >= (3, 11)
    yield Finding(name="python", level="ok" if ok else "error", text=f"{version} (3.11 or newer is needed)")
    import yaml

    fast = hasattr(yaml, "CSafeLoader")
    text = "libyaml is used" if fast else "without libyaml vcrpy cassettes load many times slower"
    yield Finding(name="yaml", level="ok" if fast else "warning", text=text)


def _libraries() -> Iterator[Finding]:
    for name, least in (("vcrpy", (9, 4)), ("pytest", (8, 0))):
        version = _version(name)
        if version is None:
            yield Finding(name=name, level="error", text="not installed")
            continue
        known = tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
        wanted = ".".join(map(str, least))
        level = "ok" if known >= least else "error"
        yield Finding(name=name, level=level, text=f"{version} ({wanted} or newer is needed)")


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _seams() -> Iterator[Finding]:
    """Whether each installed HTTP library still has the method at which it is intercepted."""
    for library, owner, method in _SEAMS:
        version = _version(library)
        if version is None:
            yield Finding(name=f"seam {library}", level="ok", text="not installed, nothing to intercept")
            continue
        found = getattr(getattr(importlib.import_module(library), owner, None), method, None)
        there = inspect.isroutine(found)
        text = f"{version}: {owner}.{method} {'is there' if there else 'is missing: traffic would escape'}"
        yield Finding(name=f"seam {library}", level="ok" if there else "error", text=text)


def _project(root: Path) -> Iterator[Finding]:
    from agentops_eval.harness import load_settings

    try:
        settings = load_settings(root, environ={})
    except AgentopsError as error:
        yield Finding(name="settings", level="error", text=str(error))
        return
    yield Finding(name="settings", level="ok", text=f"record={settings.record.value}")
    folder = root / settings.golden_dir
    if not folder.is_dir():
        yield Finding(name="recordings", level="ok", text=f"no folder {folder} yet")
        return
    from agentops_eval.replay import read_cassette
    from agentops_eval.traces import read_golden

    yield from _files(folder, "*.cassette.jsonl", read_cassette, root)
    yield from _files(folder, "*.otlp.jsonl", read_golden, root)
    yield from _left_over(folder, root)


def _files(
    folder: Path, pattern: str, read: Callable[[Path], object], root: Path
) -> Iterator[Finding]:
    good = 0
    for path in sorted(folder.rglob(pattern)):
        if path.name.startswith("."):
            continue
        try:
            read(path)
        except AgentopsError as error:
            yield Finding(name=str(path.relative_to(root)), level="error", text=str(error))
        else:
            good += 1
    yield Finding(name=pattern, level="ok", text=f"{good} readable")


def _left_over(folder: Path, root: Path) -> Iterator[Finding]:
    """Partial files of interrupted recordings: what they saw can still be had."""
    for path in sorted(folder.rglob(".*.partial*")):
        target = path.with_name("recovered.cassette.jsonl")
        text = f"an interrupted recording; keep it: agentops-eval cassette recover {path} {target}"
        yield Finding(name=str(path.relative_to(root)), level="warning", text=text)
