"""The provider ``python``: a function of the user's own project, and of nothing else."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from agentops_eval.domain import ActivityRefused, Json, nearest, to_json
from agentops_eval.harness._target import finished
from agentops_eval.harness.experimenting._provider import ActivityFailed, Doing, Given, text_of
from agentops_eval.seams import signature_of

_INSTALLED = frozenset({"site-packages", "dist-packages"})


class PythonProvider:
    """Imports a module below the project's root and calls a function of it."""

    def check(self, doing: Doing) -> None:
        """Refuse modules from outside of the project; nothing is imported yet."""
        self._path(doing)

    def would(self, doing: Doing) -> str:
        """The call."""
        arguments = doing.settings.get("arguments")
        names = sorted(arguments) if isinstance(arguments, Mapping) else []
        told = ", ".join(f"{name}=..." for name in names)
        return f"call {text_of(doing.settings, 'module')}.{text_of(doing.settings, 'func')}({told})"

    def run(self, doing: Doing) -> Given:
        """Call it, and wait for it where it is asynchronous."""
        name = text_of(doing.settings, "func")
        module = _imported(text_of(doing.settings, "module"), self._path(doing), doing.project.root)
        function = getattr(module, name, None)
        if not callable(function):
            near = nearest(name, [one for one in vars(module) if callable(getattr(module, one))])
            raise ActivityFailed(f"{module.__name__} has no function {name}: {near}")
        arguments = doing.settings.get("arguments")
        given: dict[str, Any] = dict(arguments) if isinstance(arguments, Mapping) else {}
        parameters = signature_of(function).parameters
        groups = doing.settings.get("secrets")
        if isinstance(groups, list) and "secrets" in parameters:
            given["secrets"] = _secrets(groups, doing.secrets)
        if "configuration" in parameters:
            given["configuration"] = dict(doing.configuration)
        return Given(output=to_json(finished(function(**given))))

    def _path(self, doing: Doing) -> Path:
        module, root = text_of(doing.settings, "module"), doing.project.root.resolve()
        for path in _places(module, root):
            if path.is_file() and not _INSTALLED.intersection(path.parts):
                return path
        raise ActivityRefused(
            f"{doing.activity.name}: the project has no module {module}",
            where=str(root),
            difference="an experiment calls functions of its own project only",
            remedy="write a function there that does it, and name its module from the project's root",
        )


def _places(module: str, root: Path) -> Iterator[Path]:
    parts = module.split(".")
    if not all(part.isidentifier() for part in parts):
        return
    below = [Path(entry).resolve() for entry in sys.path if entry]
    homes = [root, *(one for one in below if one != root and one.is_relative_to(root))]
    for home in homes:
        yield home.joinpath(*parts).with_suffix(".py")
        yield home.joinpath(*parts, "__init__.py")


def _imported(name: str, path: Path, root: Path) -> ModuleType:
    home = str(root)
    if home not in sys.path:
        sys.path.insert(0, home)
    try:
        module = importlib.import_module(name)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # a module may even exit
        raise ActivityFailed(f"cannot import {name}: {type(error).__name__}: {error}") from error
    found = getattr(module, "__file__", None)
    if found is None or Path(found).resolve() != path:
        raise ActivityFailed(f"{name} is {found or 'built in'}, not {path}: give yours another name")
    return module


def _secrets(groups: list[Json], secrets: Mapping[str, Json]) -> dict[str, Json]:
    found: dict[str, Json] = {}
    for group in groups:
        values = secrets.get(str(group))
        found |= dict(values) if isinstance(values, Mapping) else {}
    return found
