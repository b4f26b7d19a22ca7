"""inspect_ai's logs: one run for each sample of each epoch, from its events or else its messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from agentops_eval.domain import Json
from agentops_eval.traces.llm import LlmCall
from agentops_eval.traces.llm import _parts as p
from agentops_eval.traces.reading.formats._inspect_events import Events, model_call, moment_ns
from agentops_eval.traces.reading.formats._inspect_messages import Pool, error_name, failure
from agentops_eval.traces.reading.formats._play import Line, Stage
from agentops_eval.traces.reading.formats._script import Complain, Failed, Script, Times


def play_sample(log: Mapping[str, Json], sample: Mapping[str, Json], script: Script) -> None:
    """Write the run of one sample. ``log`` is what stands around the samples."""
    transcript = p.obj(sample.get("transcript"))  # where logs of 2024 keep the events
    attachments = {**p.obj(transcript.get("content")), **p.obj(sample.get("attachments"))}
    pooled = p.arr(p.obj(sample.get("events_data")).get("messages")) or p.arr(sample.get("message_pool"))
    pool = Pool(attachments=attachments, messages=pooled, complain=script.complain)
    events = p.arr(sample.get("events")) or p.arr(transcript.get("events"))
    script.failed = _ended(log, sample)
    if any(p.obj(event).get("event") == "model" for event in events):
        Events(script=script, pool=pool).play(events)
    else:
        _play_messages(log, sample, script, pool)
    if script.timed:
        script.times = _span_of(sample, script.times)


def case_of(sample: Mapping[str, Json]) -> str:
    """The sample's id and epoch."""
    named = sample.get("id")
    epoch = p.count(sample.get("epoch"))
    known = isinstance(named, (str, int)) and not isinstance(named, bool)
    return (f"{named}"[:200] if known else "") + ("" if epoch is None else f"/{epoch}")


def task_of(log: Mapping[str, Json]) -> str:
    """The task that was evaluated."""
    return p.text(p.obj(log.get("eval")).get("task")) or ""


def samples_of(log: Mapping[str, Json], complain: Complain) -> Sequence[Json]:
    """The log's samples; where there are none, why."""
    samples = p.arr(log.get("samples"))
    if not samples:
        status = p.text(log.get("status")) or "unknown"
        error = failure(log.get("error"))
        said = f": {error.message[:200]}" if error is not None and error.message else ""
        complain(f"the log holds no samples, so there is nothing to read (its status is {status}{said})")
    return samples


def _ended(log: Mapping[str, Json], sample: Mapping[str, Json]) -> Failed | None:
    """Why the run ended before its time: an error, a limit, a cancelled evaluation."""
    error = p.obj(sample.get("error"))
    if error:
        message = p.text(error.get("message")) or ""
        return Failed(type=error_name(message), message=message)
    limit = p.obj(sample.get("limit"))
    if limit:
        kind = p.text(limit.get("type")) or "unknown"
        return Failed(type=f"{kind}_limit", message=f"the {kind} limit of {limit.get('limit')} was reached")
    scored = p.obj(sample.get("scores")) or p.obj(sample.get("score"))
    if log.get("status") == "cancelled" and not scored:
        return Failed(type="cancelled", message="the evaluation was cancelled")
    return None


def _play_messages(log: Mapping[str, Json], sample: Mapping[str, Json], script: Script, pool: Pool) -> None:
    """A log without events tells the conversation; what an llm call used only where there was one."""
    lines = [pool.line(value) for value in p.arr(sample.get("messages"))]
    answers = [n for n, line in enumerate(lines) if line.message.role == "assistant"]
    output = p.obj(sample.get("output"))
    asked = p.text(p.obj(log.get("eval")).get("model"))
    common = model_call({"model": asked}, pool)
    if answers and p.arr(output.get("choices")):
        last = model_call({"model": asked, "output": output}, pool)
        lines[answers[-1]] = _known(lines[answers[-1]], last, alone=len(answers) == 1)
    elif answers and len(answers) == 1:
        lines[answers[-1]] = replace(lines[answers[-1]], call=common)
    Stage(script=script, common=common).play(lines)


def _known(line: Line, last: LlmCall, *, alone: bool) -> Line:
    """What the sample's output tells of its last call. Of several calls, the tokens of one would mislead."""
    return replace(line, call=last if alone else replace(last, usage=LlmCall(provider="").usage))


def _span_of(sample: Mapping[str, Json], seen: Times) -> Times:
    started, completed = moment_ns(sample.get("started_at")), moment_ns(sample.get("completed_at"))
    return Times(
        start_ns=seen.start_ns if seen.start_ns is not None else started,
        end_ns=seen.end_ns if seen.end_ns is not None else completed,
    )
