"""Settings: what a user may choose, where it is read, and which place wins.

Precedence, decided here and nowhere else: explicit argument or command-line option > environment
(``AGENTOPS_*``) > mark > ``agentops_*`` ini keys > ``[tool.agentops]`` in pyproject.toml > default.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, get_type_hints

import msgspec

from agentops_eval.domain import ConfigInvalid, RecordingRefused
from agentops_eval.harness._wrong import (
    ENVIRONMENT_NOTATION,
    TOML_NOTATION,
    Notation,
    unknown_name,
    wrong_value,
)
from agentops_eval.replay import MatchRules
from agentops_eval.traces.levels import Attribution
from agentops_eval.traces.redaction import RedactionRules
from agentops_eval.traces.semconv import ATTRIBUTION


class RecordMode(StrEnum):
    """When to record: never, only where no recording exists, or always anew."""

    NONE = "none"
    ONCE = "once"
    ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that can be configured; names are the keys of ``[tool.agentops]``.

    ``pace`` scales recorded chunk offsets on replay (0 at once, 1 as recorded). ``ignore`` holds
    JSONPaths left out of matching. ``redact_patterns`` maps a kind to a regular expression.
    ``max_age_days`` makes older recordings an error; None lets them live for ever.
    ``intentional`` lists ``module:function`` globs whose clock and entropy reads are meant.
    ``attribution`` names the attributes that tell agent, task, team, tenant, use_case and authority.
    ``capture`` collects the spans that the agent emits. ``prices`` is a file with the prices of llms.
    ``prompt_dir`` is the folder of the prompts that are kept as versions.
    ``evidence`` says whether commands and tests write evidence; None leaves it to ``is_project``.
    ``agent_name`` is what evidence calls the agent, whatever traces and commands call it.
    """

    record: RecordMode = RecordMode.NONE
    branch: str = ""
    strict: bool = False
    real_time: bool = False
    allow_drift: bool = False
    pace: float = 0.0
    max_age_days: float | None = None
    golden_dir: str = "golden_traces"
    allowed_hosts: tuple[str, ...] = ()
    any_host: bool = False
    ignore: tuple[str, ...] = ()
    ignore_query: tuple[str, ...] = ()
    match_headers: tuple[str, ...] = ()
    ignore_headers: tuple[str, ...] = ()
    redact_emails: bool = False
    redact_patterns: dict[str, str] | None = None
    redact_headers: tuple[str, ...] = ()
    redact_query: tuple[str, ...] = ()
    redact_allow: tuple[str, ...] = ()
    intentional: tuple[str, ...] = ()
    attribution: dict[str, tuple[str, ...]] | None = None
    capture: bool = False
    prices: str = ""
    prompt_dir: str = "prompts"
    evidence: bool | None = None
    agent_name: str = ""

    @property
    def match_rules(self) -> MatchRules:
        """What matching leaves out or adds."""
        return MatchRules(
            ignore=self.ignore,
            any_host=self.any_host,
            headers=self.match_headers,
            ignore_query=self.ignore_query,
            ignore_headers=self.ignore_headers,
            redaction="" if self.redaction_rules == RedactionRules() else repr(self.redaction_rules),
        )

    @property
    def redaction_rules(self) -> RedactionRules:
        """What counts as a secret besides the built-in detectors."""
        return RedactionRules(
            emails=self.redact_emails,
            patterns=tuple(sorted((self.redact_patterns or {}).items())),
            headers=self.redact_headers,
            query=self.redact_query,
            allow=self.redact_allow,
        )

    @property
    def attributed_by(self) -> Attribution:
        """The attributes that tell who a call is for. Raises ConfigInvalid for what is not known."""
        for what in self.attribution or {}:
            if what not in ATTRIBUTION:
                where = "attribution, under [tool.agentops]"
                raise unknown_name(f"nothing is attributed by {what!r}", ATTRIBUTION, what, where=where)
        return Attribution(names=self.attribution or {})


_KINDS: Mapping[str, object] = get_type_hints(Settings)
KEYS = tuple(_KINDS)
SECTIONS = frozenset({"agents", "judge", "lint"})
"""Tables below ``[tool.agentops]`` that are read elsewhere."""


def load_settings(
    root: Path, *, environ: Mapping[str, str] | None = None, overrides: Mapping[str, object] | None = None
) -> Settings:
    """Read the settings that hold below ``root``; ``overrides`` win over everything.

    Raises ConfigInvalid, naming the key, its place and the nearest valid name, and
    RecordingRefused when recording is asked for while ``CI`` is set.
    """
    environ = os.environ if environ is None else environ
    settings = apply(Settings(), _from_pyproject(root), where="[tool.agentops] in pyproject.toml")
    settings = apply(
        settings,
        _from_environment(environ),
        where="the environment (AGENTOPS_*)",
        notation=ENVIRONMENT_NOTATION,
    )
    settings = apply(settings, overrides or {}, where="the command line")
    return refuse_in_ci(settings, environ)


def settings_for_reading(root: Path) -> Settings:
    """The settings that hold below ``root``, for what records nothing, whatever they say of recording."""
    return load_settings(root, overrides={"record": "none"})


def refuse_in_ci(settings: Settings, environ: Mapping[str, str]) -> Settings:
    """Give ``settings`` back, or raise RecordingRefused: CI never records."""
    if settings.record is not RecordMode.NONE and _in_ci(environ):
        raise RecordingRefused(
            f"recording ({settings.record.value}) is refused because CI is set",
            where=f"CI={environ['CI']}",
            remedy="record on your machine, commit the cassette, and let CI replay it",
        )
    return settings


def refuse_approving_in_ci(environ: Mapping[str, str], *, kept: str = "golden") -> None:
    """Raise RecordingRefused: CI never approves. ``kept`` is what approving writes."""
    if _in_ci(environ):
        raise RecordingRefused(
            "approving is refused because CI is set",
            where=f"CI={environ['CI']}",
            remedy=f"approve on your machine, commit the {kept}, and let CI compare",
        )


def _in_ci(environ: Mapping[str, str]) -> bool:
    return environ.get("CI", "").lower() not in ("", "0", "false")


def apply(
    settings: Settings, values: Mapping[str, object], *, where: str, notation: Notation = TOML_NOTATION
) -> Settings:
    """Lay ``values`` over ``settings``, checking names and types; ``notation`` is how ``where`` writes them.

    Raises ConfigInvalid.
    """
    for key, value in values.items():
        if key not in KEYS:
            raise unknown_name(f"there is no setting {key!r}", KEYS, key, where=where)
        try:
            settings = replace(settings, **{key: _read(key, value)})
        except msgspec.ValidationError:
            raise wrong_setting(key, value, where=where, notation=notation) from None
    return settings


def wrong_setting(key: str, value: object, *, where: str, notation: Notation) -> ConfigInvalid:
    """The error for a value that the setting ``key`` cannot take, in the notation of its place."""
    return wrong_value(key, value, _KINDS[key], where=where, notation=notation)


def _read(key: str, value: object) -> Any:
    return getattr(msgspec.convert({key: value}, _PARTIAL, strict=False), key)


# All settings optional, with the same types: lets a place set some of them.
_PARTIAL = msgspec.defstruct(
    "Settings", [(field.name, field.type, None) for field in fields(Settings)], namespace=globals()
)


def _from_pyproject(root: Path) -> Mapping[str, object]:
    return {key: value for key, value in pyproject_table(root).items() if key not in SECTIONS}


def pyproject_table(root: Path) -> Mapping[str, object]:
    """``[tool.agentops]`` of the pyproject.toml in ``root``, empty without one. Raises ConfigInvalid."""
    return _table(root) or {}


def is_project(root: Path) -> bool:
    """Whether the pyproject.toml in ``root`` has a table of ours, be it empty. Raises ConfigInvalid."""
    return _table(root) is not None


def _table(root: Path) -> Mapping[str, object] | None:
    path = root / "pyproject.toml"
    try:
        with path.open("rb") as file:
            table = tomllib.load(file).get("tool", {}).get("agentops")
    except FileNotFoundError:
        return None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigInvalid(
            f"pyproject.toml cannot be read: {error}", where=str(path), remedy="mend the file there"
        ) from None
    if table is None:
        return None
    if not isinstance(table, dict):
        remedy = "write [tool.agentops] on a line of its own, and a setting on each line below it"
        raise ConfigInvalid("[tool.agentops] is not a table", where=str(path), remedy=remedy)
    return {key.replace("-", "_"): value for key, value in table.items()}


def _from_environment(environ: Mapping[str, str]) -> Mapping[str, object]:
    """``AGENTOPS_RECORD=once`` and so on; lists are comma-separated."""
    values: dict[str, object] = {}
    for field in fields(Settings):
        text = environ.get(f"AGENTOPS_{field.name.upper()}")
        if text is None:
            continue
        if "tuple" in str(field.type):
            values[field.name] = tuple(part.strip() for part in text.split(",") if part.strip())
        else:
            values[field.name] = text
    return values
