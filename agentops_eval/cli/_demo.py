"""``demo``: watch real agents being recorded, replayed twice, compared and diverging."""

from __future__ import annotations

import asyncio
import inspect
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import click

from agentops_eval.cli._output import json_option, plain, print_json, say
from agentops_eval.domain import Json, ReplayMiss
from agentops_eval.harness import ActiveRun, GoldenFile, Settings, recording, replaying
from agentops_eval.seams import new_virtual_loop
from agentops_eval.testing import LlmServer

GOLDENS = "goldens"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """One demo agent with one customer's text; ``path`` is what its SDK wants behind the host."""

    name: str
    text: str
    agent: Callable[..., Any]
    path: str
    changed: Callable[..., Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Played:
    """What became of one case."""

    case: str
    answer: str
    calls: int
    requests: int
    digests: tuple[str, str, str]
    golden: str
    explanation: str
    effects: int
    effects_replayed: int

    @property
    def ok(self) -> bool:
        """Whether both replays equal the recording, the golden held, and nothing was done twice."""
        return len(set(self.digests)) == 1 and self.golden != "diverged" and self.effects_replayed == 0


@click.command()
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Keep what the demo makes here.")
@click.option("--approve", is_flag=True, hidden=True, help="Approve the shipped goldens (for maintainers).")
@json_option
def demo(out: Path | None, approve: bool, as_json: bool) -> int:
    """Record real agents against a scripted llm on loopback, replay them, and change a prompt."""
    if out is None:
        with tempfile.TemporaryDirectory(prefix="agentops-demo-") as folder:
            return _demo(Path(folder), approve=approve, as_json=as_json, kept=False)
    out.mkdir(parents=True, exist_ok=True)
    return _demo(out, approve=approve, as_json=as_json, kept=True)


def _demo(out: Path, *, approve: bool, as_json: bool, kept: bool) -> int:
    tell = (lambda *_args, **_kwargs: None) if as_json else say
    tell("A scripted llm on loopback plays the model: no account, no key, no network.", style="dim")
    with as_file(files("agentops_eval.demo") / GOLDENS) as goldens:
        played = [_play(case, out, goldens, approve=approve, tell=tell) for case in _cases()]
        divergence = _change_the_prompt(_cases()[0], out, goldens, tell)
    if as_json:
        print_json(_document(played, divergence, out if kept else None))
    else:
        _conclude(played, divergence, out if kept else None)
    return 0 if all(one.ok for one in played) and divergence.miss and divergence.golden else 1


def _cases() -> Sequence[_Case]:
    from agentops_eval.demo import desk, team

    refund = desk.REQUESTS["refund"]
    return (
        _Case(
            name="desk-openai",
            text=refund,
            agent=desk.openai_agent,
            path="/v1",
            changed=desk.changed_openai_agent,
        ),
        _Case(name="desk-anthropic", text=refund, agent=desk.anthropic_agent, path=""),
        _Case(name="team", text=team.REQUESTS["both"], agent=team.team_agent, path="/v1"),
    )


def _run_agent(case: _Case, url: str, folder: Path, *, prompt: str | None = None) -> tuple[str, int]:
    """Run one agent on a new database; gives its answer and how many effects the database shows."""
    from agentops_eval.demo.desk import Desk, Llm

    llm = Llm(base_url=url + case.path, api_key="unset", retries=0)
    more = {} if prompt is None else {"prompt": prompt}
    folder.mkdir(parents=True, exist_ok=True)
    with Desk(folder) as desk:
        answer = case.agent(case.text, desk=desk, llm=llm, **more)
        if inspect.isawaitable(answer):
            with asyncio.Runner(loop_factory=new_virtual_loop) as runner:
                answer = runner.run(_wait(answer))
        return str(answer), sum(len(rows) for rows in desk.effects().values())


async def _wait(answer: Any) -> Any:
    return await answer


def _play(case: _Case, out: Path, goldens: Path, *, approve: bool, tell: Callable[..., None]) -> _Played:
    from agentops_eval.demo import demo_rules

    cassette = out / f"{case.name}.cassette.jsonl"
    settings = Settings()
    tell()
    tell(f"{case.name}: {plain(case.text)}", style="bold")
    with LlmServer(demo_rules()) as server:
        url = server.url
        with recording(cassette, agent=case.name, case=case.name, settings=settings) as first:
            answer, effects = _run_agent(case, url, out / "live" / case.name)
        requests = server.hits
    tell(f"  record   {_count_calls(first)} calls, {requests} of them to the llm; {effects} rows written to SQLite")
    tell(f"           {plain(answer, limit=200)}")
    tell("  kill     the llm's server is gone")
    digests, again = [first.digest], 0
    for number in (1, 2):
        with replaying(cassette, agent=case.name, case=case.name, settings=settings) as run:
            said, rows = _run_agent(case, url, out / f"replay-{number}" / case.name)
        again += rows
        digests.append(run.digest)
        same = "same answer" if said == answer else "ANOTHER ANSWER"
        tell(f"  replay   {run.digest[:16]}  {same}, no socket, {rows} rows written")
    golden = GoldenFile(
        goldens / f"{case.name}.otlp.jsonl",
        agent=case.name,
        approving=approve,
        shown_path=f"{GOLDENS}/{case.name}.otlp.jsonl",
        approve_command="agentops-eval demo --approve",
    )
    equal = first.trace == golden
    if approve:
        golden.save(first.redactor)
    word = "approved" if approve else "equal" if equal else "diverged"
    tell(f"  golden   {word}: {golden.shown_path}", style="" if equal else "red")
    return _Played(
        case=case.name,
        answer=answer,
        calls=_count_calls(first),
        requests=requests,
        digests=(digests[0], digests[1], digests[2]),
        golden=word,
        explanation=golden.explanation,
        effects=effects,
        effects_replayed=again,
    )


def _count_calls(run: ActiveRun) -> int:
    return sum(event.seam.value in ("http", "tool", "agent", "human") for event in run.events)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Change:
    """A changed sentence: what the replay said of it, and what the golden said of the new run."""

    before: str
    after: str
    miss: str
    golden: str


def _change_the_prompt(case: _Case, out: Path, goldens: Path, tell: Callable[..., None]) -> _Change:
    """Replay with one sentence of the prompt changed, then record that and compare it."""
    from agentops_eval.demo import demo_rules
    from agentops_eval.demo.desk import CHANGED_SENTENCE, changed_prompt

    before, after = CHANGED_SENTENCE
    tell()
    tell(f"{case.name}, with one sentence of its prompt changed: {before!r} becomes {after!r}", style="bold")
    cassette = out / f"{case.name}.cassette.jsonl"
    miss = ""
    try:
        with replaying(cassette, agent=case.name, case=case.name, settings=Settings()):
            _run_agent(case, "http://127.0.0.1:9", out / "changed-replay", prompt=changed_prompt())
    except ReplayMiss as caught:
        miss = str(caught)
    with LlmServer(demo_rules()) as server:
        changed = out / f"{case.name}-changed.cassette.jsonl"
        with recording(changed, agent=case.name, case=case.name, settings=Settings()) as run:
            _run_agent(case, server.url, out / "changed", prompt=changed_prompt())
    golden = GoldenFile(
        goldens / f"{case.name}.otlp.jsonl",
        agent=case.name,
        shown_path=f"{GOLDENS}/{case.name}.otlp.jsonl",
        approve_command="agentops-eval demo --approve",
    )
    _ = run.trace == golden
    return _Change(before=before, after=after, miss=miss, golden=golden.explanation)


def _conclude(played: Sequence[_Played], change: _Change, out: Path | None) -> None:
    say()
    say("The replay has no answer for the changed prompt, and says why:")
    say(plain(change.miss), style="yellow")
    say()
    say("Recorded anew, the changed agent differs from its golden:")
    say(plain(change.golden), style="yellow")
    say()
    for one in played:
        equal = "equal" if one.digests[1] == one.digests[2] else "DIFFERENT"
        style = "green" if one.ok else "red"
        say(f"{one.case:<15} {one.digests[1][:16]} {one.digests[2][:16]} {equal}; golden {one.golden}", style=style)
        if one.explanation:
            say(plain(one.explanation), style="red")
    if out is not None:
        say(f"Everything it made is in {out}: look with  agentops-eval trace show {out}/desk-openai.cassette.jsonl")


def _document(played: Sequence[_Played], change: _Change, out: Path | None) -> Json:
    return {
        "ok": all(one.ok for one in played),
        "out": None if out is None else str(out),
        "cases": [
            {
                "case": one.case,
                "answer": one.answer,
                "calls": one.calls,
                "llm_requests": one.requests,
                "digests": list(one.digests[1:]),
                "recorded_digest": one.digests[0],
                "golden": one.golden,
                "effects": one.effects,
                "effects_replayed": one.effects_replayed,
            }
            for one in played
        ],
        "divergence": {
            "before": change.before,
            "after": change.after,
            "miss": change.miss,
            "golden": change.golden,
        },
    }


