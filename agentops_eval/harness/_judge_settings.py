"""Which llm judges: ``[tool.agentops.judge]`` in pyproject.toml, and the command line above it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, get_type_hints
from urllib.parse import urlsplit

import msgspec

from agentops_eval.domain import ConfigInvalid
from agentops_eval.evals.judging import MOST_SAMPLES, Floor
from agentops_eval.harness._settings import pyproject_table
from agentops_eval.harness._wrong import TOML_NOTATION, unknown_name, wrong_value

WHERE = "[tool.agentops.judge] in pyproject.toml"
APIS = ("openai", "anthropic")
KEY_OF = {"openai": "OPENAI_API_KEY", "anthropic": "ANTHROPIC_API_KEY"}


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeSettings:
    """What ``[tool.agentops.judge]`` may hold; names are its keys.

    ``api`` is what the endpoint at ``base_url`` speaks, ``openai`` (Chat Completions) or ``anthropic``
    (Messages). ``key_env`` names the variable that holds its key, by default the provider's own.
    ``concurrency`` is how many questions are under way at once. ``temperature`` and ``max_tokens`` are
    left to the llm where they are not set. ``folder`` keeps labels and calibrations; the last three are
    the floor under which a judge is not trusted.
    """

    base_url: str = ""
    api: str = "openai"
    llm: str = ""
    key_env: str = ""
    temperature: float | None = None
    max_tokens: int | None = None
    samples: int = 1
    seed: int = 0
    timeout_s: float = 60.0
    concurrency: int = 4
    folder: str = "judges"
    min_kappa: float = 0.6
    min_agreement: float = 0.7
    min_labels: int = 20

    @property
    def floor(self) -> Floor:
        """What a judge has to reach to be trusted."""
        return Floor(kappa=self.min_kappa, agreement=self.min_agreement, labels=self.min_labels)

    @property
    def key_variable(self) -> str:
        """The variable in which the key is looked for."""
        return self.key_env or KEY_OF[self.api]


_KINDS: Mapping[str, object] = get_type_hints(JudgeSettings)


def load_judge_settings(root: Path, *, overrides: Mapping[str, object] | None = None) -> JudgeSettings:
    """The settings of the judge that hold below ``root``; ``overrides`` are the command line's.

    Raises ConfigInvalid, naming the key and the nearest valid name.
    """
    table = pyproject_table(root).get("judge", {})
    if not isinstance(table, dict):
        remedy = "write [tool.agentops.judge] on a line of its own, and a setting on each line below it"
        raise ConfigInvalid("judge is not a table", where="[tool.agentops] in pyproject.toml", remedy=remedy)
    found = _apply(JudgeSettings(), {key.replace("-", "_"): value for key, value in table.items()}, WHERE)
    return _checked(_apply(found, overrides or {}, "the command line"))


def _apply(settings: JudgeSettings, values: Mapping[str, object], where: str) -> JudgeSettings:
    for key, value in values.items():
        if key not in _KINDS:
            raise unknown_name(f"there is no setting {key!r} of judge", _KINDS, key, where=where)
        try:
            read: Any = getattr(msgspec.convert({key: value}, _PARTIAL), key)
        except msgspec.ValidationError:
            raise wrong_value(key, value, _KINDS[key], where=where, notation=TOML_NOTATION) from None
        settings = replace(settings, **{key: read})
    return settings


_PARTIAL = msgspec.defstruct(
    "JudgeSettings", [(field.name, field.type, None) for field in fields(JudgeSettings)], namespace=globals()
)


def _checked(found: JudgeSettings) -> JudgeSettings:
    if found.api not in APIS:
        raise unknown_name(f"no judge speaks {found.api!r}", APIS, found.api, where=WHERE)
    parts = urlsplit(found.base_url)
    if found.base_url and (parts.scheme not in ("http", "https") or not parts.hostname or parts.username):
        what = "base_url is not an address of http or https without a name and password in it"
        raise ConfigInvalid(what, where=WHERE, remedy='base_url = "https://api.openai.com/v1"')
    bounds = {
        "samples": (1 <= found.samples <= MOST_SAMPLES, f"from 1 to {MOST_SAMPLES}"),
        "max_tokens": (found.max_tokens is None or found.max_tokens > 0, "above 0"),
        "concurrency": (1 <= found.concurrency <= 64, "from 1 to 64"),
        "timeout_s": (0 < found.timeout_s < float("inf"), "above 0"),
        "min_kappa": (-1 <= found.min_kappa <= 1, "from -1 to 1"),
        "min_agreement": (0 <= found.min_agreement <= 1, "from 0 to 1"),
        "min_labels": (found.min_labels >= 2, "2 or more"),
    }
    for key, (fits, allowed) in bounds.items():
        if not fits:
            what = f"{key} is {getattr(found, key)}, and has to be {allowed}"
            raise ConfigInvalid(what, where=WHERE, remedy=f"{key} = {getattr(JudgeSettings(), key) or 1}")
    return found
