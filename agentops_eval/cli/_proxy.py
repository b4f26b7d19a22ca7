"""``record --proxy`` and ``replay --proxy``: an agent in any language, behind a proxy on loopback."""

from __future__ import annotations

import functools
import os
import shlex
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import click

from agentops_eval.cli._ending import through
from agentops_eval.cli._errors import Misused
from agentops_eval.cli._output import note
from agentops_eval.cli._place import Place, find_known, golden_beside, pasted, refuse_unfit
from agentops_eval.domain import CassetteMissing, CassetteStale
from agentops_eval.harness import (
    ActiveRun,
    ProxiedAgent,
    RunMode,
    Settings,
    case_paths,
    check_command,
    name_of,
    open_run,
    safe_case,
)

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxyOptions:
    """What the command line says about the proxy."""

    upstreams: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()
    port: int = 0
    agent: str = ""

    @property
    def words(self) -> tuple[str, ...]:
        """The same options again, to be pasted."""
        words = ["--proxy", *(word for pair in self.upstreams for word in ("--upstream", pair))]
        words += [word for pair in self.variables for word in ("--env", pair)]
        words += ["--port", str(self.port)] if self.port else []
        return (*words, *(("--agent", self.agent) if self.agent else ()))


def proxy_options(command: F) -> F:
    """Add the options of the proxy; the command gets them as ``proxy``, None without ``--proxy``."""

    @functools.wraps(command)
    def gathered(*, use_proxy: bool, upstream: Any, env: Any, port: int, agent: str, **rest: Any) -> Any:
        given = ProxyOptions(upstreams=upstream, variables=env, port=port, agent=agent)
        if not use_proxy and given != ProxyOptions():
            raise Misused(f"{given.words[1]} is an option of the proxy", remedy="add --proxy")
        if not use_proxy and rest["target"] is None:
            context = click.get_current_context()
            target = next(one for one in context.command.params if one.name == "target")
            raise click.MissingParameter(ctx=context, param=target)
        return command(proxy=given if use_proxy else None, **rest)

    whole: Any = gathered
    for decorate in reversed(
        (
            click.option(
                "--proxy", "use_proxy", is_flag=True, help="Run a command behind a proxy: -- COMMAND ..."
            ),
            click.option(
                "--upstream",
                multiple=True,
                metavar="NAME=URL",
                help="What /NAME of the proxy leads to. May be repeated.",
            ),
            click.option(
                "--env",
                multiple=True,
                metavar="VAR=PATH",
                help="Set VAR to this path of the proxy. May be repeated.",
            ),
            click.option("--port", type=click.IntRange(0, 65535), default=0, help="The proxy's port."),
            click.option("--agent", default="", metavar="NAME", help="With --proxy: the agent's name."),
        )
    ):
        whole = decorate(whole)
    return whole  # type: ignore[no-any-return]


def run_behind_proxy(
    verb: str,
    options: ProxyOptions,
    command: Sequence[str],
    settings: Settings,
    *,
    cassette: Path | None,
    golden: Path | None,
    approve: bool,
    as_json: bool,
) -> int:
    """Record or replay ``command``, by what ``settings`` say; its exit code is a finding of ours."""
    if command:
        check_command(command)
    agent, place = _place(
        verb, options, tuple(command), settings, cassette=cassette, golden=golden, as_json=as_json
    )
    run = _open(place, agent, settings)
    if run.mode is not RunMode.REPLAY:
        _reachable(agent)
        note(f"recording {agent.spec or 'what comes through the proxy'} ...")
    return through(run, place, approve=approve, as_json=as_json)


def _place(
    verb: str,
    options: ProxyOptions,
    command: tuple[str, ...],
    settings: Settings,
    *,
    cassette: Path | None,
    golden: Path | None,
    as_json: bool,
) -> tuple[ProxiedAgent, Place]:
    """Find the files. The default path follows from the agent's name and the words behind the program."""
    from agentops_eval.traces.redaction import Redactor

    name = options.agent or name_of(command)
    hidden = Redactor(settings.redaction_rules).text(shlex.join(command[1:]))
    folder = safe_case(name)
    case = safe_case(name, hidden)
    paths = case_paths(Path(settings.golden_dir), folder, case)
    kept = cassette or paths.cassette
    files = () if cassette is None else ("--cassette", str(cassette))
    files = files if golden is None else (*files, "--golden", str(golden))
    again = pasted("record", command, (*options.words, *files))
    known = find_known(kept, tolerant=verb == "record", again=again)
    named = known if cassette is not None else None
    compared = golden or (golden_beside(kept) if cassette else paths.golden)
    refuse_unfit(kept, compared)
    recorded = {} if known is None or verb == "record" else known.header.upstreams
    agent = _agent(options, command, recorded, as_json=as_json)
    files = (*replace(options, upstreams=_kept(options, recorded)).words, *files)
    return agent, Place(
        target=agent,
        words=command,
        cassette=kept,
        golden=compared,
        case=(named.header.case if named else "") or f"{folder}.{case}",
        agent=options.agent or (named.header.agent if named else "") or name,
        recorded=known.outcome if known else "",
        options=files,
        golden_given=golden is not None,
    )


def _agent(
    options: ProxyOptions, command: tuple[str, ...], recorded: Mapping[str, str], *, as_json: bool
) -> ProxiedAgent:
    from agentops_eval.seams.proxy import plan

    made = plan(
        os.environ,
        given=_pairs(options.upstreams, "--upstream", "openai=https://gateway.example/v1"),
        recorded=recorded,
        extra=_pairs(options.variables, "--env", "LLM_URL=openai/v1"),
    )
    return ProxiedAgent(command, made, port=options.port, keep=as_json, announce=_announce)


def _kept(options: ProxyOptions, recorded: Mapping[str, str]) -> tuple[str, ...]:
    """The upstreams with which it was recorded, for commands that record it again; what is given wins."""
    given = {pair.partition("=")[0] for pair in options.upstreams}
    return (*options.upstreams, *(f"{name}={url}" for name, url in recorded.items() if name not in given))


def _pairs(given: Sequence[str], option: str, example: str) -> dict[str, str]:
    pairs = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or not name or not value:
            raise Misused(f"{option} {text} is not NAME=VALUE", remedy=f"write it like {option} {example}")
        pairs[name] = value
    return pairs


def _announce(variables: Mapping[str, str]) -> None:
    """Print the variables for a shell to paste; with --json this goes to standard error."""
    for name, value in variables.items():
        click.echo(f"export {name}={shlex.quote(value)}")
    sys.stdout.flush()
    click.echo("Set these where the agent runs. Ctrl-C ends the run.", err=True)


def _open(place: Place, agent: ProxiedAgent, settings: Settings) -> ActiveRun:
    rerecord = place.command("record")
    if settings.branch and place.cassette.exists():
        rerecord = place.command("replay", "--branch", settings.branch, "--record")
    try:
        return open_run(
            place.cassette,
            settings,
            case=place.case,
            agent=place.agent,
            rerecord=rerecord,
            upstreams=agent.plan.special,
        )
    except (CassetteMissing, CassetteStale) as error:
        error.remedy = rerecord
        raise


def _reachable(agent: ProxiedAgent) -> None:
    """Refuse at once what every request would fail for: a forward proxy that is not spoken to."""
    from agentops_eval.seams.proxy import check_forward_proxy

    for upstream in agent.plan.upstreams.values():
        check_forward_proxy(upstream.url)
