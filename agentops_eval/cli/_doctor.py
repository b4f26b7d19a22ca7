"""``doctor``: is this machine, this project and every recording in it in order?"""

from __future__ import annotations

import importlib
import importlib.metadata
import inspect
import platform
import shlex
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from agentops_eval.cli._output import json_option, line, many, note, plain, print_json, say
from agentops_eval.domain import AgentopsError, Json, with_extra
from agentops_eval.replay import CASSETTE_SUFFIX
from agentops_eval.traces import GOLDEN_SUFFIX

if TYPE_CHECKING:
    from agentops_eval.harness import Settings

_NEEDED = (("vcrpy", (9, 4)), ("pytest", (9, 0)))
_SEAMS = (
    ("httpx", ("Client._transport_for_url", "AsyncClient._transport_for_url")),
    ("httpx2", ("Client._transport_for_url", "AsyncClient._transport_for_url")),
    ("urllib3", ("HTTPConnectionPool._make_request",)),
    ("aiohttp", ("ClientSession._request",)),
)
_DEMO = ("openai", "anthropic", "httpx2", "stamina", "purgatory")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at: its name, ok / warning / error, what was seen, how to mend it."""

    name: str
    level: str
    text: str
    remedy: str = ""

    @classmethod
    def of(cls, name: str, error: AgentopsError) -> Finding:
        """An error of ours, where it is not the end."""
        text = "\n".join(filter(None, (f"{error.code} {error.what}", error.where, error.difference)))
        return cls(name=name, level="error", text=text, remedy=error.remedy)

    def to_json(self) -> Json:
        """The documented keys of one finding."""
        return {"name": self.name, "level": self.level, "text": self.text, "remedy": self.remedy}


@click.command(short_help="Say what is wrong here, and how to mend it.")
@click.option(
    "--root",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    default=Path(),
    help="The project; the current folder by default.",
)
@json_option
def doctor(root: Path, as_json: bool) -> int:
    """Check the machine, the settings and every recording of the project. Exit code 1 on an error."""
    findings = [*_machine(), *_libraries(), *_seams()]
    if not as_json:
        _show(findings)
        note("reading the project's recordings ...")
    of_project = list(_project(root))
    findings += of_project
    broken = [finding for finding in findings if finding.level == "error"]
    if as_json:
        print_json({"ok": not broken, "findings": [finding.to_json() for finding in findings]})
        return 1 if broken else 0
    _show(of_project)
    warned = sum(finding.level == "warning" for finding in findings)
    also = f", {warned} to look at" if warned else ""
    if broken:
        say(f"{many(len(broken), 'problem')} found{also}", style="red")
    else:
        say(f"all well{also}", style="green")
    return 1 if broken else 0


def _show(findings: list[Finding]) -> None:
    marks = {"ok": ("ok", ""), "warning": ("warn", "yellow"), "error": ("FAIL", "red")}
    for finding in findings:
        mark, style = marks[finding.level]
        first, *more = plain(finding.text).splitlines() or [""]
        say(f"{mark:<5} {line(finding.name):<26} {first}", style=style)
        for text in more:
            say(f"      {text}", style=style)
        if finding.remedy:
            say(f"      fix: {plain(finding.remedy)}", style=style)


def _machine() -> Iterator[Finding]:
    version = platform.python_version()
    ok = sys.version_info >= (3, 11)
    yield Finding(name="python", level="ok" if ok else "error", text=f"{version} (3.11 or newer is needed)")
    import yaml

    fast = hasattr(yaml, "CSafeLoader")
    text = "libyaml is used" if fast else "without libyaml vcrpy's cassettes load many times slower"
    yield Finding(name="yaml", level="ok" if fast else "warning", text=text)


def _libraries() -> Iterator[Finding]:
    for name, least in _NEEDED:
        version, wanted = _version(name), ".".join(map(str, least))
        remedy = f"pip install '{name}>={wanted}'"
        if version is None:
            yield Finding(name=name, level="error", text="not installed", remedy=remedy)
            continue
        known = tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
        ok = known >= least
        text = f"{version} ({wanted} or newer is needed)"
        yield Finding(name=name, level="ok" if ok else "error", text=text, remedy="" if ok else remedy)
    if importlib.metadata.entry_points(group="pytest11", name="agentops"):
        yield Finding(name="pytest plugin", level="ok", text="registered")
    else:
        text = "not registered: agentops-eval is on the path, but not installed"
        remedy = "pip install agentops-eval, or run pytest -p pytest_agentops.plugin"
        yield Finding(name="pytest plugin", level="warning", text=text, remedy=remedy)
    missing = [name for name in _DEMO if _version(name) is None]
    text = f"needs {', '.join(missing)}" if missing else "everything it needs is installed"
    remedy = with_extra("demo") if missing else ""
    yield Finding(name="demo", level="ok", text=text, remedy=remedy)


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _seams() -> Iterator[Finding]:
    """Whether each installed HTTP library still has the methods at which it is intercepted."""
    for library, methods in _SEAMS:
        name, version = f"seam {library}", _version(library)
        if version is None:
            yield Finding(name=name, level="ok", text="not installed, nothing to intercept")
            continue
        try:
            module = importlib.import_module(library)
        except Exception as error:  # a broken installation may raise anything
            text = f"{version}: cannot be imported ({type(error).__name__}: {error})"
            yield Finding(
                name=name, level="error", text=text, remedy=f"pip install --force-reinstall {library}"
            )
            continue
        gone = [method for method in methods if not _has(module, method)]
        named = " and ".join(gone or methods)
        verb = "is" if len(gone or methods) == 1 else "are"
        seen = f"{named} {verb} {'missing: traffic would escape' if gone else 'there'}"
        remedy = f"pip install another version of {library}, or a newer agentops-eval" if gone else ""
        yield Finding(name=name, level="error" if gone else "ok", text=f"{version}: {seen}", remedy=remedy)


def _has(module: object, method: str) -> bool:
    owner, _, name = method.partition(".")
    return inspect.isroutine(getattr(getattr(module, owner, None), name, None))


def _project(root: Path) -> Iterator[Finding]:
    from agentops_eval.harness import load_settings

    try:
        settings = load_settings(root)
    except AgentopsError as error:
        yield Finding.of("settings", error)
        text = "not looked at: the settings say where they are and how to read them"
        remedy = "mend the settings, then: agentops-eval doctor"
        yield Finding(name="recordings", level="warning", text=text, remedy=remedy)
        return
    yield Finding(name="settings", level="ok", text=f"record = {settings.record.value}")
    bad, settings = _compiled(settings)
    yield from bad
    folder = root / settings.golden_dir
    if not folder.is_dir():
        yield Finding(name="recordings", level="ok", text=f"none yet ({folder} is not there)")
        return
    from agentops_eval.replay import read_cassette
    from agentops_eval.traces import read_golden

    yield from _files(root, folder, CASSETTE_SUFFIX, read_cassette, settings)
    yield from _files(root, folder, GOLDEN_SUFFIX, read_golden, settings)
    yield from _stale_branches(root, folder)
    yield from _left_over(root, folder)


def _compiled(settings: Settings) -> tuple[list[Finding], Settings]:
    """What of the rules does not compile, and the settings without it, so that the rest can be checked."""
    from agentops_eval.replay import MatchRules
    from agentops_eval.traces.redaction import RedactionRules, Redactor

    patterns = dict(settings.redact_patterns or {})
    rules: list[tuple[str, str, Callable[[], object]]] = [
        *(("ignore", path, partial(MatchRules, ignore=(path,))) for path in settings.ignore),
        *(
            ("redact_patterns", kind, partial(Redactor, RedactionRules(patterns=((kind, text),))))
            for kind, text in patterns.items()
        ),
        *(
            ("redact_allow", text, partial(Redactor, RedactionRules(allow=(text,))))
            for text in settings.redact_allow
        ),
    ]
    told = {(key, name): _complaint(key, name, compiles) for key, name, compiles in rules}
    sound = replace(
        settings,
        ignore=tuple(path for path in settings.ignore if not told["ignore", path]),
        redact_patterns={kind: text for kind, text in patterns.items() if not told["redact_patterns", kind]},
        redact_allow=tuple(text for text in settings.redact_allow if not told["redact_allow", text]),
    )
    return [finding for finding in told.values() if finding is not None], sound


def _complaint(key: str, name: str, compiles: Callable[[], object]) -> Finding | None:
    try:
        compiles()
    except AgentopsError as error:
        return Finding.of(f"settings: {key}", error)
    except (OverflowError, RecursionError) as error:  # of expressions that are valid, but beyond re
        text, remedy = f"AE401 {name!r} cannot be compiled: {error}", "write a smaller expression"
        return Finding(name=f"settings: {key}", level="error", text=text, remedy=remedy)
    return None


def _files(
    root: Path, folder: Path, suffix: str, read: Callable[[Path], object], settings: Settings
) -> Iterator[Finding]:
    """Read every file, and look once more for secrets: a detector may be newer than the file."""
    from agentops_eval.traces.redaction import Redactor

    redactor, good = Redactor(settings.redaction_rules), 0
    for path in _visible(folder, suffix):
        try:
            read(path)
        except AgentopsError as error:
            yield Finding.of(str(path.relative_to(root)), error)
            continue
        secret = _secret(path, redactor.find)
        if secret is None:
            good += 1
            continue
        yield Finding(
            name=str(path.relative_to(root)),
            level="error",
            text=f"AE108 holds what looks like a secret\n{path}{secret}",
            remedy="revoke it, then record and approve again",
        )
    yield Finding(name=f"*{suffix}", level="ok", text=f"{good} in order")


def _visible(folder: Path, suffix: str) -> list[Path]:
    return sorted(path for path in folder.rglob(f"*{suffix}") if not path.name.startswith("."))


def _secret(path: Path, find: Callable[[str], tuple[object, ...]]) -> str | None:
    """Line and kind of the first finding, masked."""
    for number, text in enumerate(path.read_text(encoding="utf-8", errors="replace").split("\n"), start=1):
        for found in find(text):
            return f":{number} ({getattr(found, 'kind', 'secret')}: {getattr(found, 'excerpt', '')})"
    return None


def _stale_branches(root: Path, folder: Path) -> Iterator[Finding]:
    """Branches of a recording that was recorded anew, or is gone: they no longer replay."""
    from agentops_eval.replay import file_digest, parent_path, read_cassette

    for path in _visible(folder, CASSETTE_SUFFIX):
        parent = parent_path(path)
        if parent == path:
            continue
        try:
            stale = read_cassette(path).header.branch_of != file_digest(parent)
        except AgentopsError:
            stale = True
        if stale:
            text = f"a branch of {parent.name} as it no longer is"
            remedy = "record the branch again, or remove it"
            yield Finding(name=str(path.relative_to(root)), level="warning", text=text, remedy=remedy)


def _left_over(root: Path, folder: Path) -> Iterator[Finding]:
    """Partial files of what was interrupted: what a recording saw can still be had."""
    from agentops_eval.traces import PARTIAL_SUFFIX

    for path in sorted(folder.rglob(f".*{PARTIAL_SUFFIX}")):
        text = "left by an approval that was interrupted"
        words = ["rm", str(path)]
        if f"{CASSETTE_SUFFIX}." in path.name:
            name = path.name.removeprefix(".").partition(f"{CASSETTE_SUFFIX}.")[0]
            target = path.with_name(name + CASSETTE_SUFFIX)
            text = "left by an interrupted recording, or by one that is under way"
            words = ["agentops-eval", "cassette", "recover", str(path)]
            words += [str(target.with_name(f"recovered-{target.name}"))] if target.exists() else []
        yield Finding(name=str(path.relative_to(root)), level="warning", text=text, remedy=shlex.join(words))
