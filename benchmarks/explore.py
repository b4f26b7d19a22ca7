"""Exploring the faults of an agent: how fast, how much need not be run, whether anything is missed."""

from __future__ import annotations

import functools
import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack

from agentops_eval.chaos import Judge, judge
from agentops_eval.chaos.exploring import Exploration, Options, Picks, Space, explore, observe, space_of
from agentops_eval.domain import Schedule
from agentops_eval.harness.faulting import Runner, subject_of
from benchmarks import _explore_agent as eleven
from benchmarks._rows import Row, at_least, median_interval

IDS = ("explore.rate", "explore.rate_sdk", "explore.pruned", "explore.missed")
ROUNDS = 9
RATE, RATE_SDK, PRUNED = 1_000.0, 100.0, 0.8


def rows() -> Iterator[Row]:
    """Every figure, through the seams and the recorder that tests use."""
    yield _rate()
    yield _rate_sdk()
    yield _pruned()
    yield _missed()


def _runner() -> Runner:
    return Runner(subject_of(eleven.agent))


@functools.cache
def explored(*, merge: bool = True, classify: bool = True, audit: float = 0.0) -> Exploration:
    """The 11-site agent under 12 faults, alone and in pairs."""
    runner = _runner()
    options = Options(faults=eleven.KINDS, merge=merge, classify=classify, audit=audit)
    return explore(runner, Judge(runner(Schedule())), options=options)


def per_second(work: Callable[[], int]) -> float:
    """So many a second of processor time."""
    began_s = time.process_time()
    return work() / (time.process_time() - began_s)


def _rate() -> Row:
    runner = _runner()
    base = runner(Schedule())
    space, judged = space_of(Options(faults=eleven.KINDS)), Judge(base)
    singles = [((number, place.site),) for place in space.places(base) for number in place.fits]

    def together() -> int:
        for picks in singles:
            observe(picks, space, runner, judged, onward=False)
        return len(singles)

    def alone() -> int:
        for picks in singles:
            one = _runner()
            judge(one(Schedule()), one(space.schedule(picks)))
        return len(singles)

    _warm(space, singles)
    pairs = [(per_second(together), per_second(alone)) for _ in range(ROUNDS)]
    ours, low, high = median_interval([ours for ours, _ in pairs])
    other, *_ = median_interval([other for _, other in pairs])
    goal, met = at_least(RATE, ours)
    return Row(
        id="explore.rate",
        what="schedules a second on one core: 6 llm and 5 tool calls at the tool seam, run and judged",
        n=ROUNDS * len(singles),
        settings=(
            f"median of {ROUNDS} rounds of {len(singles)} singles [{low:.0f}, {high:.0f}], fastest "
            f"{max(ours for ours, _ in pairs):.0f}; processor time; other: each schedule with a "
            "fault-free run of its own; ratio: ours / other"
        ),
        ours=ours,
        other=other,
        ratio=ours / other,
        goal=goal.replace("x", "/s"),
        met=met,
    )


def _warm(space: Space, singles: Sequence[Picks]) -> None:
    """Let imports and caches be paid before anything is measured."""
    runner = _runner()
    judged = Judge(runner(Schedule()))
    for picks in singles[:40]:
        observe(picks, space, runner, judged, onward=False)


# -- through an SDK ---------------------------------------------------------------------------------

_ANTHROPIC = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "llm",
    "content": [{"type": "text", "text": "refund"}],
    "stop_reason": "end_turn",
    "stop_sequence": None,
    "usage": {"input_tokens": 10, "output_tokens": 2},
}
_OPENAI = {
    "id": "c1",
    "object": "chat.completion",
    "created": 1,
    "model": "llm",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "refund"}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 10, "completion_tokens": 2, "total_tokens": 12},
}


def _rate_sdk() -> Row:
    try:
        import anthropic
        import httpx2
        import openai
    except ImportError as error:
        return _without_sdk(str(error))

    def answering(document: object) -> httpx2.Client:
        body = json.dumps(document).encode()
        head = {"content-type": "application/json"}
        return httpx2.Client(
            transport=httpx2.MockTransport(lambda _: httpx2.Response(200, headers=head, content=body))
        )

    with ExitStack() as stack:
        clients = [stack.enter_context(answering(one)) for one in (_ANTHROPIC, _OPENAI)]
        llms: dict[str, Callable[[list[dict[str, str]]], str]] = {}
        claude = anthropic.Anthropic(api_key="unused", base_url="http://llm.invalid", http_client=clients[0])
        chat = openai.OpenAI(api_key="unused", base_url="http://llm.invalid/v1", http_client=clients[1])
        llms["anthropic"] = lambda told: (
            claude.messages.create(model="llm", max_tokens=9, messages=told).content[0].text  # type: ignore[arg-type, union-attr]
        )
        llms["openai"] = lambda told: (
            chat.chat.completions.create(model="llm", messages=told).choices[0].message.content or ""  # type: ignore[arg-type]
        )
        figures = {name: _beside(functools.partial(eleven.conversation, ask)) for name, ask in llms.items()}
    (ours, bare), (theirs, ceiling) = figures["anthropic"], figures["openai"]
    goal, met = at_least(RATE_SDK, ours)
    return Row(
        id="explore.rate_sdk",
        what="runs a second on one core through the anthropic client, 6 llm and 5 tool calls",
        n=ROUNDS * 20,
        settings=(
            f"mock transport; median of {ROUNDS} rounds of 20 runs, processor time; "
            f"other: the same calls without a run of ours; "
            f"openai chat {theirs:.0f} of its own {ceiling:.0f} a second, {theirs / ceiling:.0%}; "
            "ratio: ours / other"
        ),
        ours=ours,
        other=bare,
        ratio=ours / bare,
        goal=goal.replace("x", "/s"),
        met=met,
    )


def _beside(agent: Callable[[], str]) -> tuple[float, float]:
    """Runs a second with a run of ours around each, and without."""
    runner = Runner(subject_of(agent))
    assert runner(Schedule()).answered

    def bare() -> int:
        for _ in range(20):
            agent()
        return 20

    def ours() -> int:
        for _ in range(20):
            runner(Schedule())
        return 20

    pairs = [(per_second(ours), per_second(bare)) for _ in range(ROUNDS)]
    return median_interval([one for one, _ in pairs])[0], median_interval([one for _, one in pairs])[0]


def _without_sdk(why: str) -> Row:
    return Row(
        id="explore.rate_sdk",
        what="runs a second through the anthropic client on a mock transport",
        n=0,
        settings="",
        ours=0.0,
        other=0.0,
        ratio=0.0,
        goal=f">= {RATE_SDK:g}/s",
        met=False,
        skipped=why,
    )


# -- pruning ----------------------------------------------------------------------------------------


def _pruned() -> Row:
    whole, found = explored(merge=False, classify=False), explored()
    merged, audited = explored(classify=False), explored(audit=0.05)
    ours, other = found.coverage.runs, whole.coverage.runs
    pruned = 1 - ours / other
    return Row(
        id="explore.pruned",
        what="share of the runs of an exhaustive search, singles and pairs, that need not be made",
        n=other,
        settings=(
            f"11 calls, 12 faults at each; {other} runs one at a time without merging, "
            f"{merged.coverage.runs} with merging alone, {ours} with classes as well, "
            f"{audited.coverage.runs} with an audit of 5 % "
            f"({1 - audited.coverage.runs / other:.1%}); ours, other: runs; ratio: share"
        ),
        ours=ours,
        other=other,
        ratio=pruned,
        goal=f">= {PRUNED:g}",
        met=pruned >= PRUNED,
    )


def _missed() -> Row:
    whole, found, audited = explored(merge=False, classify=False), explored(), explored(audit=0.05)
    missed = len(whole.behaviours - found.behaviours)
    return Row(
        id="explore.missed",
        what="behaviours of an exhaustive search that the pruned one does not find",
        n=len(whole.behaviours),
        settings=(
            f"{len(whole.behaviours)} behaviours; audit of {audited.coverage.audited} pruned schedules: "
            f"{audited.coverage.disagreed} disagree; other: behaviours found without merging; "
            "ratio: found / all"
        ),
        ours=missed,
        other=len(whole.behaviours),
        ratio=len(found.behaviours & whole.behaviours) / len(whole.behaviours),
        goal="<= 0",
        met=missed == 0 and audited.coverage.disagreed == 0,
    )
