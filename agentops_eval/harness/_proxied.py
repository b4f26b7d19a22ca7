"""Running an agent in another process: its requests take part in a run through a proxy on loopback."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from agentops_eval.domain import Json, ProxyUnused, RunMisuse
from agentops_eval.harness._child import ChildEnd, run_child, wait_for_interruption
from agentops_eval.seams import current_scope

if TYPE_CHECKING:
    from agentops_eval.seams.proxy import Plan, Proxy

_INTERPRETER = re.compile(
    r"(python|node|deno|bun|ruby|perl|php|java|dotnet|lua|Rscript|bash|sh|zsh|fish|tsx|ts-node|npx|uv|go|env)[\d.]*"
)


def name_of(command: Sequence[str]) -> str:
    """The agent's name: its file's; behind an interpreter, that of the first file it is given."""
    if not command:
        return "agent"
    program = Path(command[0])
    if _INTERPRETER.fullmatch(program.name):
        for word in command[1:]:
            if not word.startswith("-") and Path(word).suffix and Path(word).is_file():
                return Path(word).stem
    return program.stem or "agent"


class ProxiedAgent:
    """An agent in another process: calling it runs ``command`` behind a proxy, in the current run.

    Without a command the proxy serves until Ctrl-C or SIGTERM; ``announce`` is told the variables to
    set. With ``keep`` the result is what the command printed. ``plan`` says what stands behind the proxy.
    """

    def __init__(
        self,
        command: Sequence[str],
        plan: Plan,
        *,
        port: int = 0,
        keep: bool = False,
        announce: Callable[[Mapping[str, str]], None],
    ) -> None:
        self.command, self.plan = tuple(command), plan
        self.spec = shlex.join(command)
        self._port, self._keep, self._announce = port, keep, announce
        self._proxy: Proxy | None = None
        self._end: ChildEnd | None = None

    def __repr__(self) -> str:
        return f"<ProxiedAgent {self.spec or 'served'}>"

    def __call__(self) -> str | None:
        """Run it to its end; what it printed, where that was kept.

        Raises SystemExit with its exit code where that is not 0, ProxyUnused where nothing was asked.
        """
        from agentops_eval.seams.proxy import Proxy

        scope = current_scope()
        if scope is None:
            raise RunMisuse("an agent behind a proxy needs a run", remedy="call it inside a run")
        with Proxy(scope, self.plan, port=self._port) as self._proxy:
            set_up = self.plan.environment(self._proxy.url, os.environ)
            if self.command:
                self._end = run_child(self.command, {**os.environ, **set_up}, keep=self._keep)
            else:
                wait_for_interruption(lambda: self._announce(set_up))
        if not self._proxy.requests:
            raise self._unused()
        if self._end is not None and self._end.code:
            raise SystemExit(self._end.said)
        return None if self._end is None else self._end.printed

    @property
    def failed(self) -> tuple[str, ...]:
        """Requests that an upstream did not answer, or not to the end."""
        return () if self._proxy is None else self._proxy.failed

    def to_json(self) -> Json:
        """The documented keys of ``--json``."""
        proxy, end = self._proxy, self._end
        return {
            "requests": 0 if proxy is None else proxy.requests,
            "upstreams": {} if proxy is None else dict(proxy.asked),
            "failed": list(self.failed),
            "exit_code": None if end is None or end.code < 0 else end.code,
            "signal": None if end is None or end.code >= 0 else str(end.said),
        }

    def _unused(self) -> ProxyUnused:
        end = self._end
        ended = "it was served until it was stopped" if end is None else f"the command ended with {end.said}"
        variables = ", ".join(self.plan.variables)
        return ProxyUnused(
            "nothing came through the proxy, so there is nothing to record or to replay",
            where=self.spec or "no command",
            difference=f"{ended}; its environment had the proxy's address in {variables}",
            remedy="give the variable that it reads its base url from: --env NAME=openai/v1",
        )


__all__ = ["ProxiedAgent", "name_of"]
