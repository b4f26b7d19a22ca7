"""The configuration and the secrets of an experiment: given, of the environment, or of a probe."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping

from agentops_eval.domain import ExperimentInvalid, Json, nearest

_TRUE_WORDS = frozenset({"false", "0", "no"})


def configured(said: Mapping[str, Json], environ: Mapping[str, str]) -> dict[str, Json]:
    """The configuration, without what probes will tell. Raises ExperimentInvalid for what is not set."""
    return {name: _one(value, environ, name) for name, value in said.items() if not is_probe(value)}


def secrets_of(said: Mapping[str, Json], environ: Mapping[str, str]) -> dict[str, Json]:
    """The secrets in their groups. Raises ExperimentInvalid for what is not set, or kept elsewhere."""
    found: dict[str, Json] = {}
    for name, value in said.items():
        if isinstance(value, Mapping) and value.get("type") == "vault":
            what = f"the secret {name} is in a vault, which is not read here"
            raise ExperimentInvalid(what, remedy="give it in the environment: {type: env, key: ...}")
        if isinstance(value, Mapping) and value.get("type") != "env":
            found[name] = secrets_of(value, environ)
        else:
            found[name] = _one(value, environ, name)
    return found


def is_probe(value: Json) -> bool:
    """Whether a configured value comes of a probe."""
    return isinstance(value, Mapping) and value.get("type") == "probe"


def _one(value: Json, environ: Mapping[str, str], name: str) -> Json:
    if not isinstance(value, Mapping) or value.get("type") != "env":
        return value
    key = str(value.get("key", ""))
    if key not in environ and "default" not in value:
        remedy = f"export {key}=..." if key else "key: NAME_OF_A_VARIABLE"
        what = f"{name} comes of the variable {key or '(no key)'}, which is not set"
        raise ExperimentInvalid(what, remedy=nearest(key, environ) if not key else remedy)
    return _typed(environ.get(key, value.get("default")), str(value.get("env_var_type") or ""), name)


def _typed(value: Json, kind: str, name: str) -> Json:
    kinds: Mapping[str, Callable[[str], Json]] = {
        "": str,
        "str": str,
        "string": str,
        "int": int,
        "integer": int,
        "float": float,
        "number": float,
        "bool": lambda text: text.lower() not in _TRUE_WORDS,
        "json": json.loads,
    }
    if kind not in kinds:
        raise ExperimentInvalid(f"{name} has no type {kind!r}", remedy=nearest(kind, [k for k in kinds if k]))
    if not isinstance(value, str):
        return value
    try:
        return kinds[kind](value)
    except ValueError:
        raise ExperimentInvalid(f"{name} is {value!r}, which is no {kind}") from None


def texts_of(secrets: Json) -> Iterator[str]:
    """Every text among the secrets, for what hides them."""
    if isinstance(secrets, str):
        yield secrets
    elif isinstance(secrets, Mapping):
        for value in secrets.values():
            yield from texts_of(value)
    elif isinstance(secrets, list):
        for value in secrets:
            yield from texts_of(value)
