"""Which address stands behind which path of the proxy, and what the agent's environment says of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import chain, count
from urllib.parse import quote, urljoin, urlsplit

from agentops_eval.domain import ConfigInvalid

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
GENERIC = "AGENTOPS_PROXY_URL"
"""The proxy's own address, for agents that build theirs from it."""

DEFAULTS: Mapping[str, str] = {
    "openai": "https://api.openai.com/v1",
    "anthropic": "https://api.anthropic.com",
    "google": "https://generativelanguage.googleapis.com",
}

# The variables from which SDKs read their base url. The first group is always set.
_ALWAYS: Mapping[str, str] = {
    "OPENAI_BASE_URL": "openai",
    "OPENAI_API_BASE": "openai",
    "ANTHROPIC_BASE_URL": "anthropic",
    "GOOGLE_GEMINI_BASE_URL": "google",
}
# These are led through the proxy where they are set: clients disagree about their default.
_WHERE_SET: Mapping[str, str] = {
    "ANTHROPIC_API_URL": "anthropic",
    "ANTHROPIC_API_BASE": "anthropic",
    "ANTHROPIC_VERTEX_BASE_URL": "vertex",
    "AZURE_OPENAI_ENDPOINT": "azure",
    "CO_API_URL": "cohere",
    "GEMINI_BASE_URL": "google",
    "GOOGLE_VERTEX_BASE_URL": "vertex",
    "GROQ_BASE_URL": "groq",
    "MISTRAL_BASE_URL": "mistral",
    "OPENROUTER_BASE_URL": "openrouter",
    "TOGETHER_BASE_URL": "together",
}
_DIRECT = ("NO_PROXY", "no_proxy")  # or the agent would ask its own forward proxy for ours
_LOOPBACK = "127.0.0.1,localhost"


@dataclass(frozen=True, slots=True, kw_only=True)
class Upstream:
    """An address behind the proxy: ``name`` is the first step of the proxy's paths that lead there.

    Raises ConfigInvalid for what is no plain ``http`` or ``https`` address.
    """

    name: str
    url: str

    def __post_init__(self) -> None:
        problem = "" if NAME.fullmatch(self.name) else "its name is not made of letters, digits, - _ ."
        problem = problem or _problem(self.url)
        if problem:
            raise ConfigInvalid(
                f"{self.name} cannot be an upstream: {problem}",
                difference="" if "@" in self.url else f"it is {self.url!r}",
                remedy="write it like openai=https://gateway.example/v1",
            )

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        parts = urlsplit(self.url)
        return f"{parts.scheme.lower()}://{parts.netloc.lower()}"

    @property
    def path(self) -> str:
        """The path of the base url, without the slash at its end."""
        return urlsplit(self.url).path.rstrip("/")


def _problem(url: str) -> str:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        return str(error)
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
        return "its address does not begin with http:// or https:// and a host"
    if "@" in parts.netloc:
        return "a user and password in its address are not passed on; give them to the agent as a header"
    if parts.query or parts.fragment or not url.isascii() or any(c <= " " for c in url):
        return "its address has more than a host and a path"
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Every upstream by name, and for each variable of the agent's environment a path of the proxy."""

    upstreams: Mapping[str, Upstream]
    variables: Mapping[str, str]

    @property
    def special(self) -> Mapping[str, str]:
        """The upstreams that a later release, or another environment, would not know by itself."""
        return {
            name: upstream.url
            for name, upstream in self.upstreams.items()
            if DEFAULTS.get(name) != upstream.url
        }

    def environment(self, base: str, environ: Mapping[str, str]) -> dict[str, str]:
        """The variables that an agent needs, for a proxy at ``base``."""
        made = {name: base + path for name, path in self.variables.items()}
        for name in _DIRECT:
            known = environ.get(name, "")
            made[name] = f"{known},{_LOOPBACK}" if known else _LOOPBACK
        return {**made, GENERIC: base}

    def target(self, path: str) -> str | None:
        """The address that a path of the proxy leads to; None where its first step is no upstream."""
        name, rest = _split(path)
        upstream = self.upstreams.get(name)
        return (
            None if upstream is None else upstream.origin + quote(rest, safe=_PRINTABLE, encoding="latin-1")
        )

    def returned(self, location: str, asked: str, base: str) -> str:
        """Where a redirection leads, seen from the agent: through the proxy, if it stays behind it."""
        absolute = urljoin(asked, location)
        for name, upstream in self.upstreams.items():
            if absolute == upstream.origin or absolute.startswith(f"{upstream.origin}/"):
                return f"{base}/{name}{absolute[len(upstream.origin) :]}"
        return location


_PRINTABLE = "".join(chr(code) for code in range(0x21, 0x7F))


def _split(path: str) -> tuple[str, str]:
    """The first step of a path, and the rest with its query."""
    found = re.match(r"/+([^/?#]*)([^#]*)", path)
    if found is None:
        return "", ""
    rest = found[2]
    return found[1], rest if rest.startswith("/") else f"/{rest}"


def plan(
    environ: Mapping[str, str],
    *,
    given: Mapping[str, str],
    recorded: Mapping[str, str],
    extra: Mapping[str, str],
) -> Plan:
    """Decide what stands behind the proxy.

    An upstream that was ``given`` comes before the one of the recording that is replayed, this
    before what the environment says, and this before the SDKs' own default. ``extra`` are
    further variables with a path each (``{"LLM_URL": "openai/v1"}``). Raises ConfigInvalid.
    """
    found = {name: Upstream(name=name, url=url) for name, url in {**recorded, **given}.items()}
    variables: dict[str, str] = {}
    for variable, name in {**_ALWAYS, **_WHERE_SET}.items():
        if environ.get(variable, "").strip():
            url = environ[variable].strip()
            own = _of_variable(variable, name, url, found=found, given=given, pinned=recorded)
            variables[variable] = f"/{own.name}{own.path}"
    for name, url in DEFAULTS.items():
        found.setdefault(name, Upstream(name=name, url=url))
    for variable, name in _ALWAYS.items():
        variables.setdefault(variable, f"/{name}{found[name].path}")
    for variable, path in extra.items():
        variables[variable] = _checked(variable, path, found)
    return Plan(upstreams=found, variables=dict(sorted(variables.items())))


def _of_variable(
    variable: str,
    name: str,
    url: str,
    *,
    found: dict[str, Upstream],
    given: Mapping[str, str],
    pinned: Mapping[str, str],
) -> Upstream:
    """The upstream of a variable that is set; one that is new goes into ``found`` under a free name."""
    if name in given:
        return found[name]
    try:
        own = Upstream(name=name, url=url)
    except ConfigInvalid as error:
        error.where = f"the environment variable {variable}"
        error.remedy = f"unset {variable}, or name the upstream: --upstream {name}=URL"
        raise
    for known in found.values():
        if known.origin == own.origin:
            return replace(own, name=known.name)
    if name in pinned:
        return found[name]
    names = chain([name], (f"{name}-{number}" for number in count(2)))
    free = next(one for one in names if one not in found)
    found[free] = replace(own, name=free)
    return found[free]


def _checked(variable: str, path: str, found: Mapping[str, Upstream]) -> str:
    whole = f"/{path.strip('/')}"
    name, _ = _split(whole)
    if not VARIABLE.fullmatch(variable) or name not in found:
        raise ConfigInvalid(
            f"{variable}={path} does not lead to an upstream",
            difference=f"the upstreams are: {', '.join(sorted(found))}",
            remedy="write it like --env LLM_URL=openai/v1, and name new ones with --upstream NAME=URL",
        )
    return whole
