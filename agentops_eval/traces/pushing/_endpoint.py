"""Where spans go: what the user says, and what OpenTelemetry's environment variables say."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping
from urllib.parse import SplitResult, unquote, urlsplit

from agentops_eval.domain import ConfigInvalid, Headers
from agentops_eval.traces._text import printable
from agentops_eval.traces.pushing._model import Target

ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"
TRACES_ENDPOINT = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"
HEADERS = "OTEL_EXPORTER_OTLP_HEADERS"
TRACES_HEADERS = "OTEL_EXPORTER_OTLP_TRACES_HEADERS"
PATH = "/v1/traces"

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_OURS = ("content-type", "content-length", "content-encoding", "transfer-encoding", "host")
_EXAMPLE = "agentops-eval trace push FILE --endpoint http://127.0.0.1:4318/v1/traces"


def target_of(endpoint: str, headers: Iterable[str], environment: Mapping[str, str]) -> Target:
    """The receiver.

    ``endpoint`` stands before OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, and that before
    OTEL_EXPORTER_OTLP_ENDPOINT, to which ``/v1/traces`` is added. ``headers`` (``NAME=VALUE``) stand
    before those of the environment, name by name. The environment's headers are for the environment's
    receiver: they are left out where ``endpoint`` is another one. Raises ConfigInvalid.
    """
    named = _from_environment(environment)
    given, where = (endpoint, "--endpoint") if endpoint else named
    if not given:
        raise ConfigInvalid(
            "it is not said where the spans go",
            where=f"neither --endpoint nor {TRACES_ENDPOINT} nor {ENDPOINT} is set",
            remedy=_EXAMPLE,
        )
    parts = _parsed(given, where)
    merged: dict[str, tuple[str, str]] = {}
    unused = ""
    variables = [name for name in (HEADERS, TRACES_HEADERS) if environment.get(name, "").strip()]
    if endpoint and variables and named[0] and _origin(_parsed(*named)) != _origin(parts):
        unused = f"{' and '.join(variables)} not sent: they belong to the receiver that {named[1]} names"
    else:
        for name in variables:
            merged |= {pair[0].lower(): pair for pair in _listed(environment[name], name)}
    merged |= {pair[0].lower(): pair for pair in map(_header, headers)}
    user = _user(parts)
    if user and "authorization" not in merged:
        merged["authorization"] = ("Authorization", user)
    return Target(url=_url(parts), shown=_shown(parts), headers=tuple(merged.values()), unused=unused)


def is_named(environment: Mapping[str, str]) -> bool:
    """Whether the environment names a receiver."""
    return bool(_from_environment(environment)[0])


def _from_environment(environment: Mapping[str, str]) -> tuple[str, str]:
    """The environment's endpoint and the variable that gave it."""
    exact = environment.get(TRACES_ENDPOINT, "").strip()
    if exact:
        return exact, TRACES_ENDPOINT
    base = environment.get(ENDPOINT, "").strip()
    return (base.rstrip("/") + PATH if base else ""), ENDPOINT


# -- addresses --------------------------------------------------------------------------------


def _parsed(url: str, where: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise _bad_endpoint(f"the endpoint is no address: {error}", where) from None
    if not url.isprintable() or " " in url or "\\" in url or not url.isascii():
        raise _bad_endpoint("the endpoint holds characters that no address has", where)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        shown = printable(url.rpartition("@")[2])[:200]
        raise _bad_endpoint(f"the endpoint must begin with http:// or https://, and this is {shown!r}", where)
    if port == 0:
        raise _bad_endpoint("the endpoint's port is 0", where)
    return parts if parts.path.strip("/") else parts._replace(path=PATH)


def _bad_endpoint(what: str, where: str) -> ConfigInvalid:
    return ConfigInvalid(what, where=where, remedy=_EXAMPLE)


def _origin(parts: SplitResult) -> tuple[str, str | None, int]:
    return parts.scheme, parts.hostname, parts.port or (443 if parts.scheme == "https" else 80)


def _url(parts: SplitResult) -> str:
    return parts._replace(netloc=_host(parts), fragment="").geturl()


def _host(parts: SplitResult) -> str:
    return parts.netloc.rpartition("@")[2]


def _shown(parts: SplitResult) -> str:
    """Without credentials; a query may hold a key as well."""
    query = "..." if parts.query else ""
    return parts._replace(netloc=_host(parts), query=query, fragment="").geturl()


def _user(parts: SplitResult) -> str:
    """Credentials of the address as the header that carries them."""
    user, at, _ = parts.netloc.rpartition("@")
    return f"Basic {base64.b64encode(unquote(user).encode()).decode()}" if at else ""


# -- headers ----------------------------------------------------------------------------------


def _listed(text: str, where: str) -> Headers:
    """``name=value,name=value``, values percent-encoded."""
    pairs = [part.strip() for part in text.split(",") if part.strip()]
    return tuple(_pair(part, f"{where}, item {n}", quoted=True) for n, part in enumerate(pairs, start=1))


def _header(text: str) -> tuple[str, str]:
    return _pair(text, "--header", quoted=False)


def _pair(text: str, where: str, *, quoted: bool) -> tuple[str, str]:
    """A header; what is wrong with one is said without showing it, for it may be a key."""
    name, equals, value = text.partition("=")
    name, value = name.strip(), unquote(value.strip()) if quoted else value.strip()
    remedy = "write it as NAME=VALUE, for example  --header x-api-key=..."
    if not equals or not _TOKEN.fullmatch(name):
        raise ConfigInvalid("a header is not NAME=VALUE", where=where, remedy=remedy)
    if not value.isprintable() or not value.isascii():
        raise ConfigInvalid(
            f"the header {name} holds characters that no header may hold", where=where, remedy=remedy
        )
    if name.lower() in _OURS:
        raise ConfigInvalid(
            f"the header {name} follows from what is sent, and cannot be given",
            where=where,
            remedy="leave it out; --encoding and --gzip change what is sent",
        )
    return name, value
