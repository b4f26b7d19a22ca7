"""Configured values that a probe tells when the experiment begins."""

from __future__ import annotations

from collections.abc import Mapping

from agentops_eval.chaos.experiments import activity_of
from agentops_eval.domain import ExperimentInvalid, Json
from agentops_eval.harness.experimenting._activities import Performer, in_thread
from agentops_eval.harness.experimenting._stop import Stop


def asked_values(name: str, said: Json, performer: Performer, stop: Stop) -> Json:
    """What the probe of a configured value gives: an output, a process's words, or a body.

    Raises ExperimentInvalid where it cannot be asked: an experiment without its values shows nothing.
    """
    probe = activity_of(said, where=f"configuration.{name}")
    if performer.is_dry(probe):
        return f"(what {probe.name} tells)"
    performer.check(probe)
    doing = performer.doing(probe, stop)
    try:
        output = in_thread(
            lambda: performer.providers[probe.provider.kind].run(doing), stop, timeout_s=probe.timeout_s
        ).output
    except Exception as error:
        raise ExperimentInvalid(f"the configured value {name} could not be asked: {error}") from error
    told: Mapping[str, Json] = output if isinstance(output, Mapping) else {}
    if probe.provider.kind == "process":
        if told.get("status") != 0:
            what = f"the configured value {name} could not be asked: {told.get('stderr')}"
            raise ExperimentInvalid(what)
        return str(told.get("stdout", "")).strip()
    return told.get("body") if probe.provider.kind == "http" else output
