"""What ``demo`` does: each agent recorded, its llm killed, replayed twice, compared; one prompt changed."""

from __future__ import annotations

import asyncio
import errno
import inspect
import shlex
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from agentops_eval.cli._output import step
from agentops_eval.domain import Json, ReplayMiss
from agentops_eval.harness import ActiveRun, GoldenFile, RecordMode, Settings, open_run
from agentops_eval.replay import CASSETTE_SUFFIX
from agentops_eval.seams import new_virtual_loop
from agentops_eval.testing import LlmServer
from agentops_eval.traces import GOLDEN_SUFFIX

# The shipped goldens and the commands that are printed hold on any port: the scripted llm's changes.
SETTINGS = Settings(any_host=True)
CALLS = frozenset({"http", "tool", "agent", "human"})


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoCase:
    """One agent with one customer's text; ``path`` is what its SDK wants behind the host."""

    name: str
    text: str
    agent: Callable[..., Any]
    path: str

    def command(self, *options: str, changed: bool = False) -> str:
        """The command that replays this agent in the folder that ``--out`` names, over several lines."""
        module = self.agent.__module__.rpartition(".")[0]
        name = f"changed_{self.agent.__name__}" if changed else self.agent.__name__
        first = f"agentops-eval replay {module}:{name} \\\n"
        return f"{first}    {shlex.quote(self.text)} \\\n    {shlex.join(options)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """A recording that was just made, the agent's answer, and the url of the llm that is gone since."""

    run: ActiveRun
    answer: str
    effects: int
    requests: int
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """What became of one case. ``digests`` are the recording's and those of its two replays."""

    case: str
    answer: str
    calls: int
    requests: int
    digests: tuple[str, str, str]
    golden: str
    explanation: str
    effects: int
    effects_replayed: int
    same_answers: bool

    @property
    def ok(self) -> bool:
        """Whether both replays equal the recording, the golden held, and nothing was done twice."""
        alike = len(set(self.digests)) == 1 and self.same_answers and self.effects_replayed == 0
        return alike and self.golden != "diverged"

    def to_json(self) -> Json:
        """The documented keys of one case."""
        return {
            "case": self.case,
            "answer": self.answer,
            "calls": self.calls,
            "llm_requests": self.requests,
            "recorded_digest": self.digests[0],
            "digests": list(self.digests[1:]),
            "same_answers": self.same_answers,
            "golden": self.golden,
            "explanation": self.explanation,
            "effects": self.effects,
            "effects_replayed": self.effects_replayed,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """A changed sentence: what the replay said of it, and what the golden said of the new run."""

    before: str
    after: str
    miss: str
    golden: str
    approve: str

    def to_json(self) -> Json:
        """The documented keys of the divergence."""
        return {
            "before": self.before,
            "after": self.after,
            "miss": self.miss,
            "golden": self.golden,
            "approve": self.approve,
        }


def demo_cases() -> Sequence[DemoCase]:
    """The desk on two SDKs, and the team."""
    from agentops_eval.demo import desk, team

    refund = desk.REQUESTS["refund"]
    return (
        DemoCase(name="desk-openai", text=refund, agent=desk.openai_agent, path="/v1"),
        DemoCase(name="desk-anthropic", text=refund, agent=desk.anthropic_agent, path=""),
        DemoCase(name="team", text=team.REQUESTS["both"], agent=team.team_agent, path="/v1"),
    )


def record_case(case: DemoCase, out: Path, *, quiet: bool, prompt: str | None = None) -> Recorded:
    """Record one agent on a new shop against a scripted llm, which is gone when this returns.

    It is no recording of a real llm, which CI must not make, so it also works where ``CI`` is set.
    """
    from agentops_eval.demo import demo_rules

    name = case.name if prompt is None else f"{case.name}-changed"
    shop = out / "shops" / name
    shop.mkdir(parents=True, exist_ok=True)
    with suppress(FileNotFoundError):
        (shop / "desk.db").unlink()
    settings = replace(SETTINGS, record=RecordMode.ALL)
    with step("  record   asking the scripted llm ...", quiet=quiet), LlmServer(demo_rules()) as server:
        run = open_run(out / f"{name}{CASSETTE_SUFFIX}", settings, case=case.name, agent=case.name)
        with run:
            answer, effects = _run_agent(case, server.url, shop, prompt=prompt)
        return Recorded(run=run, answer=answer, effects=effects, requests=server.hits, url=server.url)


def replay_case(
    case: DemoCase, url: str, out: Path, *, quiet: bool, prompt: str | None = None
) -> tuple[ActiveRun, str, int]:
    """Replay one agent on a new shop; gives the run, its answer, and how many rows it wrote.

    Raises ReplayMiss where the recording has no answer.
    """
    run = open_run(
        out / f"{case.name}{CASSETTE_SUFFIX}",
        SETTINGS,
        case=case.name,
        agent=case.name,
        rerecord="record it anew, as is done next",
    )
    with step("  replay   ...", quiet=quiet), run:
        answer, effects = _run_agent(case, url, None, prompt=prompt)
    return run, answer, effects


def _run_agent(case: DemoCase, url: str, shop: Path | None, *, prompt: str | None) -> tuple[str, int]:
    from agentops_eval.demo.desk import Desk, Llm

    llm = Llm(base_url=url + case.path, api_key="unset", retries=0)
    more = {} if prompt is None else {"prompt": prompt}
    with _shop_file(shop), Desk(shop) as desk:
        answer = case.agent(case.text, desk=desk, llm=llm, **more)
        if inspect.isawaitable(answer):
            with asyncio.Runner(loop_factory=new_virtual_loop) as runner:
                answer = runner.run(_wait(answer))
        return str(answer), sum(len(rows) for rows in desk.effects().values())


@contextmanager
def _shop_file(shop: Path | None) -> Iterator[None]:
    """A shop that cannot be written, as on a full disk, is a matter of files like any other."""
    try:
        yield
    except sqlite3.OperationalError as error:
        raise OSError(errno.EIO, str(error), str(shop)) from error


async def _wait(answer: Any) -> Any:
    return await answer


def golden_of(case: DemoCase, out: Path) -> GoldenFile:
    """The approved behaviour of one case, of which a copy lies beside its recording."""
    name = f"{case.name}{GOLDEN_SUFFIX}"
    return GoldenFile(
        out / name,
        approve_command=case.command(
            "--cassette", f"{case.name}{CASSETTE_SUFFIX}", "--golden", name, "--approve"
        ),
        shown_path=name,
    )


def count_calls(run: ActiveRun) -> int:
    """How often the agent touched the world; readings of clock and entropy are no calls."""
    return sum(event.seam.value in CALLS for event in run.events)


def change_the_prompt(case: DemoCase, first: Recorded, out: Path, *, quiet: bool) -> Changed:
    """Replay with one sentence of the prompt changed, then record that and compare it."""
    from agentops_eval.demo.desk import CHANGED_SENTENCE, changed_prompt

    before, after = CHANGED_SENTENCE
    miss = ""
    try:
        # The same url as in the recording, where nobody listens any more: only the prompt differs.
        replay_case(case, first.url, out, quiet=quiet, prompt=changed_prompt())
    except ReplayMiss as caught:
        miss = str(caught)
    changed = record_case(case, out, quiet=quiet, prompt=changed_prompt())
    golden = golden_of(case, out)
    _ = changed.run.trace == golden
    explained = [text for text in golden.explanation.splitlines() if not text.startswith("Approve it:")]
    return Changed(
        before=before,
        after=after,
        miss=miss,
        golden="\n".join(explained),
        approve=case.command(
            "--cassette",
            f"{case.name}-changed{CASSETTE_SUFFIX}",
            "--golden",
            f"{case.name}{GOLDEN_SUFFIX}",
            "--approve",
            changed=True,
        ),
    )
