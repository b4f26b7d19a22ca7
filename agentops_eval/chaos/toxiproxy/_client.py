"""The package toxiproxy-python, and requests to one server that do not go through its global state."""

from __future__ import annotations

import json
import time
import warnings
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from agentops_eval.domain import Json, ToxiproxyRefused, ToxiproxyUnreachable
from agentops_eval.seams import suspended

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it is written for Python 3.6, and so is what it imports
    import toxiproxy as package
    from toxiproxy.api import APIConsumer
    from toxiproxy.exceptions import InvalidToxic, NotFound, ProxyExists

TIMEOUT_S = 5.0
_LONGEST_ANSWER = 64 * 1024 * 1024
_SHOWN = 300
_NO_NAMES = frozenset({"", ".", ".."})
OURS = "+agentops-eval"
"""What the embedded server's version ends with."""


class Missing(ToxiproxyRefused, NotFound):  # type: ignore[misc]  # published without type hints
    """There is no such proxy or toxic."""


class Exists(ToxiproxyRefused, ProxyExists):  # type: ignore[misc]
    """There is a proxy or a toxic of that name already."""


class Unfit(ToxiproxyRefused, InvalidToxic):  # type: ignore[misc]
    """The server cannot do anything with what it was sent."""


_KINDS: Mapping[int, type[ToxiproxyRefused]] = {400: Unfit, 404: Missing, 409: Exists}


class Consumer(APIConsumer):  # type: ignore[misc]
    """Speaks to one server, with a session and a timeout of its own.

    Runs do not see its requests: they are no act of an agent. Proxies of the environment are not used.
    """

    def __init__(self, url: str, *, timeout_s: float = TIMEOUT_S) -> None:
        import requests

        try:
            parts = urlsplit(url if "//" in url else f"http://{url}")
            self.host, self.port = parts.hostname or "", parts.port or 8474
        except ValueError:
            raise _no_address(url) from None
        if parts.scheme not in ("http", "https") or not self.host:
            raise _no_address(url)
        shown = f"[{self.host}]" if ":" in self.host else self.host
        self.url = f"{parts.scheme}://{shown}:{self.port}"
        self.timeout_s = timeout_s
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers["User-Agent"] = "agentops-eval"

    def ask(self, method: str, *path: str, body: Json = None) -> Json:
        """Send a request for the path whose parts are given; the answer's document, None without one.

        Raises ToxiproxyUnreachable and ToxiproxyRefused.
        """
        target = "/" + "/".join(quote(part, safe="") for part in path)
        status, data = self._exchange(method, target, body)
        try:
            document: Json = json.loads(data) if data.strip() else None
        except (ValueError, RecursionError):
            document = data.decode("utf-8", "replace")
            if 200 <= status < 300:
                raise self._refusal(method, target, status, "what it answered is no JSON") from None
        if not 200 <= status < 300:
            said = document.get("error", document) if isinstance(document, Mapping) else document
            raise self._refusal(method, target, status, str(said)) from None
        return document

    def check_name(self, name: str) -> None:
        """Refuse a name that the server takes, and then cannot find in a path. Raises ToxiproxyRefused.

        The Go program takes an escaped slash in a path for a slash; the embedded server does not.
        """
        if name in _NO_NAMES or not name.isprintable():  # surrogates are not printable, too
            pass
        elif "/" not in name or str(self.ask("GET", "version")).find(OURS) >= 0:
            return
        raise Unfit(
            f"{ascii(name)[:100]} cannot be a name here: the server could not remove it again",
            where=self.url,
            remedy="leave out slashes and control characters",
        )

    def close(self) -> None:
        """Close its connections."""
        self._session.close()

    def get(self, url: str, params: Any = None, **kwargs: Any) -> Any:
        """As the package's own, at this server."""
        return self._raw("GET", url, params=params, **kwargs)

    def post(self, url: str, data: Any = None, json: Any = None, **kwargs: Any) -> Any:
        """As the package's own, at this server."""
        return self._raw("POST", url, data=data, json=json, **kwargs)

    def delete(self, url: str, **kwargs: Any) -> Any:
        """As the package's own, at this server."""
        return self._raw("DELETE", url, **kwargs)

    def _raw(self, method: str, url: str, **kwargs: Any) -> Any:
        import requests

        kwargs.setdefault("timeout", self.timeout_s)
        try:
            with suspended():
                reply = self._session.request(method, self.url + url, allow_redirects=False, **kwargs)
        except requests.RequestException as error:
            raise self._unreachable(method, url, error) from None
        if not 200 <= reply.status_code < 300:
            raise self._refusal(method, url, reply.status_code, reply.text)
        return reply

    def _exchange(self, method: str, target: str, body: Json) -> tuple[int, bytes]:
        import requests

        until_s = time.monotonic() + self.timeout_s
        found = bytearray()
        try:
            with (
                suspended(),
                self._session.request(
                    method,
                    self.url + target,
                    json=body,
                    timeout=self.timeout_s,
                    allow_redirects=False,
                    stream=True,
                ) as reply,
            ):
                for more in reply.iter_content(64 * 1024):
                    found += more
                    if len(found) > _LONGEST_ANSWER or time.monotonic() > until_s:
                        raise requests.Timeout("the answer does not end")
                return reply.status_code, bytes(found)
        except requests.RequestException as error:
            raise self._unreachable(method, target, error) from None

    def _unreachable(self, method: str, target: str, error: Exception) -> ToxiproxyUnreachable:
        import requests

        root = _root(error)
        late = isinstance(error, requests.Timeout) or isinstance(root, TimeoutError)
        return ToxiproxyUnreachable(
            f"the Toxiproxy server did not answer in {self.timeout_s:g} s"
            if late
            else "no Toxiproxy server answers",
            where=f"{method} {self.url}{target}",
            difference=_bounded(str(root).rpartition(": ")[2]),
            remedy="agentops-eval toxiproxy serve, or unset TOXIPROXY_URL: then one is started by itself",
        )

    def _refusal(self, method: str, target: str, status: int, said: str) -> ToxiproxyRefused:
        kind = _KINDS.get(status, ToxiproxyRefused)
        error = kind(
            f"the Toxiproxy server refused: {_bounded(said) or 'it gave no reason'}",
            where=f"{method} {self.url}{target}",
            difference=f"it answered with status {status}",
            remedy=_remedy(status, said),
        )
        error.status = status
        return error


def _no_address(url: str) -> ToxiproxyUnreachable:
    return ToxiproxyUnreachable(
        f"{url[:100]!r} is no address of a Toxiproxy server", remedy="write http://127.0.0.1:8474"
    )


def _remedy(status: int, said: str) -> str:
    if "address already in use" in said or "bind:" in said:
        return "let the server choose the port: listen='127.0.0.1:0'"
    if status == 409:
        return "take another name, such as toxiproxy.unique(name) gives, or remove the one that is there"
    if status == 404:
        return "toxiproxy.proxies() lists what there is"
    return ""


def _root(error: BaseException) -> BaseException:
    """The innermost reason: what is around it names sockets and pools."""
    for _ in range(10):
        inner = error.__cause__ or getattr(error, "reason", None) or next(iter(error.args), None)
        if not isinstance(inner, BaseException):
            break
        error = inner
    return error


def _bounded(text: str) -> str:
    """What a server said, on one line."""
    line = " ".join(text.split())
    line = "".join(one if one.isprintable() else "?" for one in line)
    return line if len(line) <= _SHOWN else f"{line[:_SHOWN]}..."


__all__ = ["OURS", "TIMEOUT_S", "Consumer", "Exists", "Missing", "Unfit", "package"]
