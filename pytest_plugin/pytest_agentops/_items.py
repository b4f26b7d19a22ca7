"""Which tests are ours, what their recordings are called, and where the fixture stands in line."""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from agentops_eval.seams import Approver

MARK = "cassette"
# Keywords that are meant for the argument that has none; the nearest setting would mislead.
_RECORDINGS = ("recording", "cassette", "name", "path", "file", "case")


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What our fixtures are called in this session."""

    cassette: str
    golden: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """What ``@pytest.mark.cassette`` says: another recording's name, its own keywords, settings."""

    recording: str = ""
    agent: str = ""
    approver: Approver | None = None
    settings: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a test's files are: its cassette (``shared`` where another test records it), its golden."""

    cassette: Path
    golden: Path
    case: str
    shared: bool = False


def read_marks(item: pytest.Item) -> Marked:
    """Read the marks of a test and of its class and module; the closest one wins.

    Raises ConfigInvalid for anything but one name and known keywords.
    """
    from agentops_eval.domain import ConfigInvalid
    from agentops_eval.harness import KEYS, approver_of

    recording: str = ""
    merged: dict[str, Any] = {}
    for mark in item.iter_markers(MARK):
        if len(mark.args) > 1 or not all(isinstance(arg, str) and arg for arg in mark.args):
            raise ConfigInvalid(
                f"@pytest.mark.cassette takes one name of a recording, not {mark.args!r}",
                where=item.nodeid,
                remedy='for example @pytest.mark.cassette("test_other") or @pytest.mark.cassette("old.yaml")',
            )
        recording = recording or next(iter(mark.args), "")
        merged = {**mark.kwargs, **merged}
    unknown = [key for key in merged if key not in (*KEYS, "agent", "approver")]
    if unknown:
        raise _unknown_keyword(unknown[0], merged[unknown[0]], item, (*KEYS, "agent", "approver"))
    agent, approver = merged.pop("agent", ""), merged.pop("approver", None)
    if not isinstance(agent, str):
        raise ConfigInvalid(f"agent={agent!r} of @pytest.mark.cassette is not a name", where=item.nodeid)
    asked = approver_of(approver, where=f"@pytest.mark.cassette of {item.nodeid}")
    return Marked(recording=recording, agent=agent, approver=asked, settings=merged)


def _unknown_keyword(name: str, value: object, item: pytest.Item, known: tuple[str, ...]) -> Exception:
    from agentops_eval.harness import unknown_name

    what = f"@pytest.mark.cassette has no keyword {name!r}"
    remedy = ""
    if name in _RECORDINGS:
        shown = json.dumps(value, ensure_ascii=False) if isinstance(value, str) else '"test_other"'
        remedy = f"a recording is named without a keyword: @pytest.mark.cassette({shown})"
    return unknown_name(what, known, name, where=item.nodeid, remedy=remedy)


def suite_of(item: pytest.Item) -> str:
    """The suite of a test: its module's path from rootdir, then its classes, ``/`` between them."""
    root = item.config.rootpath
    path = item.path
    inside = path.is_relative_to(root)
    module = (path.relative_to(root) if inside else Path(path.name)).with_suffix("")
    classes = [node.name for node in item.listchain() if isinstance(node, pytest.Class)]
    return "/".join((*module.parts, *classes))


def case_of(item: pytest.Item) -> str:
    """The name of a test's recording: that of its function, and of its parameters."""
    from agentops_eval.harness import safe_case

    callspec = getattr(item, "callspec", None)
    return safe_case(_function_name(item), getattr(callspec, "id", ""))


def agent_of(item: pytest.Item, marked: Marked) -> str:
    """What the agent is called in traces and messages."""
    return marked.agent or _function_name(item).removeprefix("test_") or "agent"


def _function_name(item: pytest.Item) -> str:
    return getattr(item, "originalname", None) or item.name


def place_of(item: pytest.Item, recording: str, golden_dir: Path) -> Place:
    """Where the files of a test are; ``recording`` is what its mark names, if anything."""
    from agentops_eval.harness import case_paths
    from agentops_eval.replay import OWN_SUFFIX, VCR_SUFFIXES
    from agentops_eval.replay import case_of as case_recorded_in

    case = case_of(item)
    own = case_paths(golden_dir, suite_of(item), case)
    if not recording:
        return Place(cassette=own.cassette, golden=own.golden, case=case)
    if recording.endswith((OWN_SUFFIX, *VCR_SUFFIXES)):
        root = item.config.rootpath
        places = [item.path.parent / recording, root / recording, golden_dir / recording]
        path = next((place for place in places if place.exists()), places[1])
        shared = recording.endswith(VCR_SUFFIXES)
        return Place(
            cassette=path, golden=own.golden, case="" if shared else case_recorded_in(path), shared=shared
        )
    suite, _, name = recording.rpartition("/") if "/" in recording.partition("[")[0] else ("", "", recording)
    other = _case_named(name)
    paths = case_paths(golden_dir, suite or suite_of(item), other)
    return Place(cassette=paths.cassette, golden=own.golden, case=other, shared=paths != own)


def _case_named(name: str) -> str:
    from agentops_eval.harness import safe_case

    function, bracket, parameters = name.partition("[")
    return safe_case(function, parameters.removesuffix("]")) if bracket else safe_case(name)


def command(item: pytest.Item, option: str) -> str:
    """The command that runs this test with ``option``, to be pasted into a shell where pytest began."""
    path = os.path.relpath(item.path, item.config.invocation_params.dir)
    _, colons, names = item.nodeid.partition("::")
    return f"pytest {shlex.quote(path + colons + names)} {option}"


def branch_option(branch: str) -> str:
    """What a command needs besides to stay on the branch of this session, with a space before it."""
    return f" --agentops-branch={shlex.quote(branch)}" if branch else ""


def is_ours(item: pytest.Item, names: Names) -> bool:
    """Whether the test wants a run: by its mark, or by naming a fixture that is ours."""
    used = getattr(item, "fixturenames", ())
    by_name = any(name in used and _leads_to_us(item, name) for name in (names.cassette, names.golden))
    return by_name or item.get_closest_marker(MARK) is not None


def put_first(item: pytest.Item, name: str) -> None:
    """Set our fixture up before all others of function scope, so that the run holds what they do.

    Fixtures of wider scope stay before it: what they do belongs to no single test. An event loop
    made for this test must come later as well, or it would not see the run (prototype: anyio).
    """
    names: list[str] | None = getattr(item, "fixturenames", None)
    if names is None:
        return
    if name in names:
        names.remove(name)
    known = _definitions(item)
    wider = (
        at for at, other in enumerate(names) if (defs := known.get(other)) and defs[-1].scope == "function"
    )
    names.insert(next(wider, len(names)), name)


def clash(item: pytest.Item, names: Names) -> str:
    """Say which other plugin or conftest uses the name of a fixture of ours, where that matters.

    A marked test must get our fixture. In a test without the mark the name may mean theirs or ours
    if two plugins offer it; a definition in a conftest or module is the user's own and settles it.
    """
    marked = item.get_closest_marker(MARK) is not None
    used = getattr(item, "fixturenames", ())
    for name in (names.cassette, names.golden):
        if name not in used and not (marked and name == names.cassette):
            continue
        others = [d for d in _all_definitions(item, name) if not _is_ours(d) and name not in d.argnames]
        ambiguous = not marked and not all(_is_users_own(d, item) for d in others)
        if (marked and not _leads_to_us(item, name)) or ambiguous:
            return _tell_clash(item, name, {str(d.func.__module__) for d in others})
    return ""


def check_canaries(items: Iterable[pytest.Item], name: str) -> None:
    """Raise UsageError for a test that is marked with canary and does not get our fixture of this name."""
    for item in items:
        if name not in getattr(item, "fixturenames", ()):
            what = f"is marked with canary and does not ask for the fixture {name}"
            raise pytest.UsageError(f"{item.nodeid} {what}")
        if not _leads_to_us(item, name):
            others = {str(d.func.__module__) for d in _all_definitions(item, name) if not _is_ours(d)}
            raise pytest.UsageError(_tell_clash(item, name, others))


def _tell_clash(item: pytest.Item, name: str, modules: set[str]) -> str:
    from agentops_eval.domain import ConfigInvalid

    return str(
        ConfigInvalid(
            f"two fixtures are called {name!r}: ours and that of {', '.join(sorted(modules))}",
            where=item.nodeid,
            remedy=f"set agentops_prefix = true in your pytest configuration; ours is agentops_{name} then",
        )
    )


def _leads_to_us(item: pytest.Item, name: str) -> bool:
    """Whether the nearest definition is ours, or extends one that is (it asks for its own name)."""
    definitions = _all_definitions(item, name)
    for definition in reversed(definitions):
        if _is_ours(definition):
            return True
        if name not in definition.argnames:
            return False
    return not definitions


def _all_definitions(item: pytest.Item, name: str) -> Sequence[Any]:
    """The definitions of a fixture that the test may not have named, as with a mark alone."""
    manager = getattr(item.session, "_fixturemanager", None)
    find = getattr(manager, "getfixturedefs", None)
    return _definitions(item).get(name) or (find(name, item) if find is not None else None) or ()


def _definitions(item: pytest.Item) -> Mapping[str, Any]:
    """The fixture definitions by name, the nearest one last."""
    return getattr(getattr(item, "_fixtureinfo", None), "name2fixturedefs", {})


def _is_users_own(definition: Any, item: pytest.Item) -> bool:
    """Whether a conftest or the test's own module defines it."""
    module = str(getattr(definition.func, "__module__", ""))
    return module.rpartition(".")[2] == "conftest" or module == getattr(
        getattr(item, "module", None), "__name__", None
    )


def _is_ours(definition: Any) -> bool:
    return getattr(definition.func, "__module__", "") == "pytest_agentops._fixtures"


# Their own fixtures yield, but do nothing of an agent's afterwards.
_HARMLESS = ("_pytest.", "pytest_agentops.", "pytest_recording.", "xdist.", "pytest_timeout")


def acts_afterwards(item: pytest.Item, names: Names) -> bool:
    """Whether fixtures torn down before ours may still make calls, so that what is left is not known."""
    import inspect

    for name in getattr(item, "fixturenames", ()):
        definitions = _definitions(item).get(name)
        if not definitions or name in (names.cassette, names.golden):
            continue
        function, module = definitions[-1].func, str(definitions[-1].func.__module__)
        if definitions[-1].scope != "function" or not (
            inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function)
        ):
            continue
        if name.startswith(("_xunit", "_unittest")) or not module.startswith(_HARMLESS):
            return True
    return False
