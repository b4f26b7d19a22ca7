"""The provider ``http``: a request to loopback, or to a host that the experiment allows."""

from __future__ import annotations

import http.client
import json
import ssl
from collections.abc import Mapping
from urllib.parse import SplitResult, urlencode, urljoin, urlsplit

from agentops_eval.domain import ActivityRefused, Json, is_loopback
from agentops_eval.harness.experimenting._provider import ActivityFailed, Doing, Given, seconds_of, text_of

_LONGEST = 1024 * 1024
_DEFAULT_S = 30.0
_REDIRECTS = 5
_MOVED = frozenset({301, 302, 303, 307, 308})


class HttpProvider:
    """Asks once, and gives status, headers and body. No proxy is used, and nothing is asked again."""

    def check(self, doing: Doing) -> None:
        """Refuse hosts that were not allowed. What a name stands for is seen when it is asked."""
        url = text_of(doing.settings, "url")
        if "${" not in url:
            _allowed(url, doing)

    def would(self, doing: Doing) -> str:
        """The request."""
        return f"ask {text_of(doing.settings, 'method', 'GET').upper()} {text_of(doing.settings, 'url')}"

    def run(self, doing: Doing) -> Given:
        """Ask. A status of any kind is an answer; redirections are followed where they may be."""
        url, method = text_of(doing.settings, "url"), text_of(doing.settings, "method", "GET").upper()
        headers = doing.settings.get("headers")
        named = {str(k): str(v) for k, v in headers.items()} if isinstance(headers, Mapping) else {}
        url, body = _asked(url, method, doing.settings.get("arguments"), named)
        for _ in range(_REDIRECTS + 1):
            answer, moved = _ask(_allowed(url, doing), method, named, body, doing)
            if not moved or method not in ("GET", "HEAD"):
                return Given(output=answer)
            url = urljoin(url, moved)
        raise ActivityFailed(f"more than {_REDIRECTS} redirections")


def _asked(url: str, method: str, arguments: Json, headers: dict[str, str]) -> tuple[str, bytes | None]:
    if not arguments:
        return url, None
    if method == "GET":
        query = urlencode(arguments, doseq=True) if isinstance(arguments, Mapping) else str(arguments)
        return f"{url}{'&' if '?' in url else '?'}{query}", None
    if headers.get("Content-Type") == "application/json":
        return url, json.dumps(arguments).encode()
    if isinstance(arguments, Mapping):
        headers.setdefault("Content-Type", "application/x-www-form-urlencoded")
        return url, urlencode(arguments, doseq=True).encode()
    return url, str(arguments).encode()


def _allowed(url: str, doing: Doing) -> SplitResult:
    parts = urlsplit(url)
    host = parts.hostname or ""
    try:
        port = parts.port
    except ValueError:
        port = -1
    if parts.scheme not in ("http", "https") or not host or port == -1:
        raise ActivityRefused(f"{doing.activity.name}: {url!r} is no address of http", remedy="http://...")
    named = {host, f"{host}:{port}" if port else host}
    if not is_loopback(host) and not named & {one.lower() for one in doing.hosts}:
        raise ActivityRefused(
            f"{doing.activity.name}: {host} is neither loopback nor allowed",
            remedy=f"allow-hosts: [{host}]",
        )
    return parts


def _ask(
    parts: SplitResult, method: str, headers: Mapping[str, str], body: bytes | None, doing: Doing
) -> tuple[dict[str, Json], str]:
    """The answer, and where a redirection leads to."""
    said = doing.settings.get("timeout")
    said = said[-1] if isinstance(said, list) and said else said
    timeout_s = seconds_of(said, default=doing.activity.timeout_s or _DEFAULT_S)
    path = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
    connection = _connection(parts, timeout_s, verified=doing.settings.get("verify_tls", True) is not False)
    try:
        connection.request(method, path, body=body, headers=dict(headers))
        reply = connection.getresponse()
        data = reply.read(_LONGEST)
        text = data.decode(reply.headers.get_content_charset("utf-8") or "utf-8", "replace")
        told = dict(reply.headers.items())
        content: Json = text
        if told.get("Content-Type") == "application/json":
            content = json.loads(text)
    except TimeoutError:
        raise ActivityFailed(f"no answer within {timeout_s:g} s") from None
    except (OSError, http.client.HTTPException, LookupError, ValueError) as error:
        raise ActivityFailed(f"{parts.netloc} did not answer: {type(error).__name__}: {error}") from error
    else:
        moved = told.get("Location", "") if reply.status in _MOVED else ""
        return {"status": reply.status, "headers": dict(told), "body": content}, moved
    finally:
        connection.close()


def _connection(parts: SplitResult, timeout_s: float, *, verified: bool) -> http.client.HTTPConnection:
    host = parts.hostname or ""
    if parts.scheme == "http":
        return http.client.HTTPConnection(host, parts.port, timeout=timeout_s)
    context = ssl.create_default_context()
    if not verified:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return http.client.HTTPSConnection(host, parts.port, timeout=timeout_s, context=context)
