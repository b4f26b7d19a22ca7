"""Every error of the product: a code, what, where, the difference and a remedy to paste."""

from __future__ import annotations


class AgentopsError(Exception):
    """The root of all errors that a user may handle.

    ``code`` anchors a heading in docs/errors.md. ``what`` is one sentence; ``where`` names a file,
    line or call; ``difference`` shows both sides; ``remedy`` is a command or an edit.
    """

    code = "AE000"
    exit_code = 2

    def __init_subclass__(cls) -> None:
        """Let tracebacks name the public home, the one to import from."""
        home = __name__.rpartition(".")[0]
        if cls.__module__.startswith(f"{home}."):
            cls.__module__ = home

    def __init__(self, what: str, *, where: str = "", difference: str = "", remedy: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.difference = difference
        self.remedy = remedy

    def __str__(self) -> str:
        return render_parts(self.code, self.what, self.where, self.difference, self.remedy)


def render_parts(code: str, what: str, where: str, difference: str, remedy: str) -> str:
    """Lay out the four parts of an error, leaving out those that are empty."""
    lines = [f"{code} {what}"]
    if where:
        lines.append(f"  where: {where}")
    lines += [f"  {line}" for line in difference.splitlines()]
    if remedy:
        lines.append(f"  fix:   {remedy}")
    return "\n".join(lines)


class CassetteMissing(AgentopsError):
    """No recording at that path. Record it first: replay never treats a missing file as empty."""

    code = "AE101"
    exit_code = 3


class CassetteCorrupt(AgentopsError):
    """A cassette line is not what the format says: truncated, edited, or not UTF-8."""

    code = "AE102"


class CassetteVersion(AgentopsError):
    """The cassette was written in a format version that this release does not read."""

    code = "AE103"


class CassetteForeign(AgentopsError):
    """The cassette names another test or agent than the one that opens it."""

    code = "AE104"


class CassetteStale(AgentopsError):
    """The recording is older than ``max_age_days``, or a tool changed its signature since."""

    code = "AE105"
    exit_code = 3


class CassetteWrite(AgentopsError):
    """A cassette could not be written. What was there before is untouched."""

    code = "AE106"


class MergeConflict(AgentopsError):
    """A cassette or golden still holds git's conflict marks."""

    code = "AE107"


class SecretFound(AgentopsError):
    """A cassette or golden still trips a secret detector after redaction."""

    code = "AE108"
    exit_code = 1


class GoldenMissing(AgentopsError):
    """No golden at that path. A missing golden fails; it is never approved by itself."""

    code = "AE201"
    exit_code = 1


class GoldenCorrupt(AgentopsError):
    """A golden line is not OTLP JSON, or its ids do not fit its structure (edited by hand?)."""

    code = "AE202"


class GoldenDiverged(AgentopsError):
    """The run's trace differs from its approved golden."""

    code = "AE203"
    exit_code = 1


class GoldenVersion(AgentopsError):
    """The golden was written in a format version that this release does not read."""

    code = "AE204"


class GoldenWrite(AgentopsError):
    """A golden could not be written. What was there before is untouched."""

    code = "AE205"


class TraceUnreadable(AgentopsError):
    """A file of traces cannot be read: missing, empty, cut off, or in no form that is known."""

    code = "AE206"


class PushFailed(AgentopsError):
    """A receiver of spans cannot be reached, or did not take them. What it took before, it has."""

    code = "AE207"


class LlmUnpriced(AgentopsError):
    """No price is known for an llm, and ``--unknown-llm error`` makes that an error."""

    code = "AE209"
    exit_code = 1


class RecordingRefused(AgentopsError):
    """Recording was asked for where it is not allowed, as in CI."""

    code = "AE301"


class UnusedRecordings(AgentopsError):
    """Strict mode: recorded calls were never asked for."""

    code = "AE302"
    exit_code = 1


class ConfigInvalid(AgentopsError):
    """A setting has the wrong name, type or value."""

    code = "AE401"


class TargetInvalid(AgentopsError):
    """The ``module:callable`` to run cannot be imported or called."""

    code = "AE402"


class TransportUnsupported(AgentopsError):
    """An HTTP library lacks the method at which it is intercepted (its version is too new or old)."""

    code = "AE403"


class ApproverMissing(AgentopsError):
    """``approve()`` was called and nobody is there to answer."""

    code = "AE404"


class RunMisuse(AgentopsError):
    """A run was entered twice, closed twice, or nested in a way that cannot work."""

    code = "AE405"


def with_extra(name: str) -> str:
    """How to install an extra, from an index and from a clone."""
    return (
        f"install the extra {name}:  pip install 'agentops-eval[{name}]', in a clone  pip install '.[{name}]'"
    )


class ExtraMissing(AgentopsError):
    """A part of the product needs packages that an extra installs, and they are not there."""

    code = "AE406"


class ProxyUnused(AgentopsError):
    """A command was to be recorded or replayed through the proxy, and asked nothing there."""

    code = "AE407"


class ScenarioInvalid(AgentopsError):
    """A scenario file says something that cannot be meant: its field's path, and the nearest valid name."""

    code = "AE501"


class ResultsInvalid(AgentopsError):
    """A file of results or outcomes cannot be read, or was changed after it was written."""

    code = "AE502"


class PromptInvalid(AgentopsError):
    """A prompt file lacks its version, or says something that cannot be meant."""

    code = "AE503"


class PromptEdited(AgentopsError):
    """An approved version of a prompt was edited in place. A change needs a version of its own."""

    code = "AE504"
    exit_code = 1


class JudgeInvalid(AgentopsError):
    """A judge, its rubric or its labels cannot be used, or what it answered cannot be read."""

    code = "AE505"


class GateInvalid(AgentopsError):
    """A gate file says something that cannot be meant: its field's path, and the nearest valid name."""

    code = "AE506"


class SamplesInvalid(AgentopsError):
    """A file of samples cannot be read, or its rows cannot be what a gate counts."""

    code = "AE507"


class WatchInvalid(AgentopsError):
    """A gate's log is not as it was written, or the evidence under it is not what it was."""

    code = "AE508"


class ContractInvalid(AgentopsError):
    """A degradation file says what cannot be meant: the path of its field, and the nearest valid name."""

    code = "AE601"


class FaultNotInjected(AgentopsError):
    """A fault of the schedule did not happen, so the experiment has shown nothing."""

    code = "AE600"
    exit_code = 2


class AgentUnsteady(AgentopsError):
    """Without any fault the agent fails, or does something else each time: no fault could be blamed."""

    code = "AE610"


class ExplorationInvalid(AgentopsError):
    """The folder of an exploration is not as it was written, or is of another one."""

    code = "AE611"


class ExplorationBroke(AgentopsError):
    """A process that ran the agent ended, or a run of it took too long and could not be stopped."""

    code = "AE612"


class NothingToExplore(AgentopsError):
    """No call of the agent is hit by any of the chosen faults: that nothing was found would say nothing."""

    code = "AE613"


class ToxiproxyUnreachable(AgentopsError):
    """No Toxiproxy server answers at that address, or not in time."""

    code = "AE620"


class ToxiproxyRefused(AgentopsError):
    """A Toxiproxy server answered with an error, or with what cannot be read; ``status`` is the answer's."""

    code = "AE621"
    status = 0


class LedgerInvalid(AgentopsError):
    """A ledger of changes to a Toxiproxy server is missing, damaged, or in use by a process that lives."""

    code = "AE622"


class ToxiproxyPort(AgentopsError):
    """The embedded Toxiproxy server cannot listen at the port that was named."""

    code = "AE623"


class RestoreIncomplete(AgentopsError):
    """Some of what was changed at a Toxiproxy server could not be put back. The ledger keeps it."""

    code = "AE624"


class ExperimentInvalid(AgentopsError):
    """An experiment says something that cannot be meant: its field's path, and the nearest valid name."""

    code = "AE630"


class GamedayInvalid(AgentopsError):
    """A plan of a game day says something that cannot be meant, or names people where it means roles."""

    code = "AE631"


class JournalInvalid(AgentopsError):
    """A journal is not as it was written, or is none."""

    code = "AE632"


class ActivityRefused(AgentopsError):
    """An activity asks for what no experiment may do: foreign code, hosts that were not allowed."""

    code = "AE633"


class NotRestored(AgentopsError):
    """What an experiment did could not be undone. It is tried again by whatever is run next."""

    code = "AE634"


class CheckInvalid(AgentopsError):
    """There is no such conformance check, or it takes no such parameter: the nearest name is told."""

    code = "AE650"


class FaultInvalid(ConfigInvalid):
    """A schedule names a fault, a parameter or a call that cannot be meant."""

    code = "AE660"


class WorldLost(AgentopsError):
    """A killed agent was to be started again, and its world was lost with its process."""

    code = "AE661"


class ReplayMiss(BaseException):
    """In replay, something was asked for that the recording cannot answer.

    A BaseException, because SDKs retry and rewrap ordinary errors. The run remembers it and
    raises it again at its end, should something have swallowed it. ``reason`` is one of
    ``not-recorded``, ``already-consumed``, ``drifted``, ``ends-here``, ``blocked``, ``stale``.
    """

    code = "AE110"
    exit_code = 1

    def __init__(
        self, what: str, *, reason: str, where: str = "", difference: str = "", remedy: str = ""
    ) -> None:
        super().__init__(what)
        self.what = what
        self.reason = reason
        self.where = where
        self.difference = difference
        self.remedy = remedy

    def __str__(self) -> str:
        return render_parts(self.code, self.what, self.where, self.difference, self.remedy)
