"""The provider ``toxiproxy``: changes on the wire, taken back at the end whatever happens."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agentops_eval.domain import ActivityKind, ActivityRefused, Json, is_loopback
from agentops_eval.harness.experimenting._provider import Doing, Given, Project, in_words, text_of

if TYPE_CHECKING:
    from agentops_eval.chaos.toxiproxy import Toxiproxy

VARIABLE = "TOXIPROXY_URL"


class ToxiproxyProvider:
    """Changes proxies, and looks at them. ``ledger`` begins the paths of what is to be undone."""

    def __init__(self, ledger: Path) -> None:
        self._ledger = ledger
        self._lock = threading.Lock()
        self._open: dict[str, tuple[Toxiproxy, int]] = {}

    def check(self, doing: Doing) -> None:
        """Refuse a server that is not named, or neither on loopback nor allowed."""
        from urllib.parse import urlsplit

        url = self._url(doing)
        host = urlsplit(url).hostname or ""
        if not url:
            raise ActivityRefused(
                f"{doing.activity.name}: no server of Toxiproxy is named",
                remedy=f"set {VARIABLE}, or start one: agentops-eval toxiproxy serve",
            )
        if not is_loopback(host) and host not in doing.hosts:
            raise ActivityRefused(
                f"{doing.activity.name}: {host} is neither loopback nor allowed",
                remedy=f"allow-hosts: [{host}]",
            )

    def would(self, doing: Doing) -> str:
        """The change, or the look."""
        said, proxy = doing.settings, text_of(doing.settings, "proxy")
        toxic = said.get("toxic")
        if isinstance(toxic, Mapping):
            return f"put the toxic {toxic.get('type')} on {proxy}"
        if "remove" in said:
            return f"take the toxic {said['remove']} off {proxy}"
        if "enabled" in said:
            return f"let {proxy} be {'up' if said['enabled'] else 'down'}"
        return f"look at {proxy}"

    def run(self, doing: Doing) -> Given:
        """Change it, written down before; a look where nothing is to be changed."""
        said = doing.settings
        if doing.activity.kind is ActivityKind.PROBE:
            return Given(output=_state(self._server(doing).proxy(text_of(said, "proxy"))))
        proxy = self._server(doing).proxy(text_of(said, "proxy"))
        toxic = said.get("toxic")
        if isinstance(toxic, Mapping):
            _add(proxy, toxic)
        elif "remove" in said:
            proxy.destroy_toxic(text_of(said, "remove"))
        elif "enabled" in said:
            proxy.update(enabled=bool(said["enabled"]))
        return Given(output=_state(proxy), told=self.would(doing))

    def _url(self, doing: Doing) -> str:
        return text_of(doing.settings, "url") or doing.project.environ.get(VARIABLE, "").strip()

    def _server(self, doing: Doing) -> Toxiproxy:
        from agentops_eval.chaos.toxiproxy import Toxiproxy

        url = self._url(doing)
        with self._lock:
            if url not in self._open:
                path = self._ledger.with_name(f"{self._ledger.name}-{len(self._open) + 1}.toxics")
                owed = doing.owe({"type": "toxiproxy", "ledger": str(path), "server": url})
                self._open[url] = (Toxiproxy(url, ledger=path), owed)
            return self._open[url][0]

    def close(self) -> tuple[tuple[int, str, str], ...]:
        """Take everything back: of each server its number in the journal, what was done, what went wrong."""
        found: list[tuple[int, str, str]] = []
        for url, (server, owed) in self._open.items():
            changed = len(server.ledger)
            try:
                server.close()
            except Exception as failure:  # the others are taken back all the same
                found.append((owed, f"the toxics at {url}", in_words(failure)))
            else:
                found.append((owed, f"{url} is as it was" if changed else "", ""))
        self._open.clear()
        return tuple(found)


def _add(proxy: Any, toxic: Mapping[str, Json]) -> None:
    kind, stream = text_of(toxic, "type"), text_of(toxic, "stream", "downstream")
    proxy.add_toxic(
        type=kind,
        stream=stream,
        name=text_of(toxic, "name") or f"agentops_{kind}_{stream}",
        toxicity=toxic.get("toxicity", 1.0),
        attributes=toxic.get("attributes") or {},
    )


def _state(proxy: Any) -> Json:
    fresh = proxy.refresh()
    return {
        "name": fresh.name,
        "listen": fresh.listen,
        "upstream": fresh.upstream,
        "enabled": fresh.enabled,
        "toxics": [one.to_json() for one in fresh.toxics().values()],
    }


def take_back_left_over(undo: Mapping[str, Json], project: Project) -> str:
    """Take back what a killed experiment has left at a server. Raises RestoreIncomplete and its kin."""
    from agentops_eval.chaos.toxiproxy import restore

    path = Path(text_of(undo, "ledger"))
    if not path.is_file():
        return ""
    if not path.stat().st_size:
        path.unlink()
        return ""
    done = restore(path)
    return f"{done.server}: {', '.join(done.undone)}" if done.undone else f"{done.server} was as before"
