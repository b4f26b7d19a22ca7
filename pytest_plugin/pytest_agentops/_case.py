"""One test's run: opened by its fixture, settled when the test ends, closed at its teardown."""

from __future__ import annotations

import difflib
import os
import shlex
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from agentops_eval.domain import AgentopsError, CassetteMissing, ReplayMiss, Trace, UnusedRecordings
from agentops_eval.harness import (
    STOOD_IN,
    ActiveRun,
    GoldenFile,
    RunMode,
    Settings,
    open_run,
    rename_hint,
)
from agentops_eval.replay import branch_path
from agentops_eval.seams import Approver
from agentops_eval.traces import write_golden
from pytest_agentops import _options
from pytest_agentops._audit import audit_test
from pytest_agentops._chosen import restrained, settings_of
from pytest_agentops._items import (
    Names,
    acts_afterwards,
    agent_of,
    branch_option,
    command,
    place_of,
    read_marks,
)
from pytest_agentops._report import Told, note_interruption, wants_audit
from pytest_agentops._trim import holds, is_verdict, only, trimmed


class CaseRun:
    """A test's open run, and what the summary will tell of it."""

    def __init__(self, item: pytest.Item, names: Names, approver: Approver | str | None) -> None:
        self.item = item
        self.names = names
        marked = read_marks(item)
        self.agent, self.named = agent_of(item, marked), marked.agent
        settings = settings_of(item, marked)
        self.place = place_of(item, marked.recording, item.config.rootpath / settings.golden_dir)
        self.run = self._open(restrained(settings, self.place), marked.approver or approver)
        self.golden: GoldenFile | None = None
        self.approved = ""
        self.explanation = ""
        self.notes: list[str] = []
        self.audit: list[str] = []
        self._error: BaseException | None = None
        self._ran = False
        self._abandoned = False
        self._reported: BaseException | None = None

    @classmethod
    def start(cls, request: pytest.FixtureRequest) -> CaseRun:
        """Open the run of the test that asks for it. A recording that cannot be used fails the test."""
        from pytest_agentops._watch import NAMES, ensure_watched

        ensure_watched(request.config)
        names = request.config.stash[NAMES]
        with told_plainly():
            case = cls(request.node, names, _approver_fixture(request))
            case.run.open()
        request.node.stash[CASE] = case
        return case

    def _open(self, settings: Settings, approver: Approver | str | None) -> ActiveRun:
        on_branch = branch_option(settings.branch) if self.place.cassette.exists() else ""
        compares = self.names.golden in getattr(self.item, "fixturenames", ())
        # A branch is not approved unseen: that would overwrite the golden of its base.
        both = " --agentops-approve" if compares and not settings.branch else ""
        rerecord = command(self.item, f"--agentops-record=all{on_branch}{both}")
        if self.place.shared:
            rerecord = f"run the test that records {self.place.case or self.place.cassette.name!r} "
            rerecord += "with --agentops-record=all"
        try:
            return open_run(
                self.place.cassette,
                settings,
                case=self.place.case,
                agent=self.agent,
                rerecord=rerecord,
                approver=approver,
            )
        except CassetteMissing as missing:
            missing.remedy = self._how_to_record(settings) or missing.remedy
            missing.difference = missing.difference or self._how_to_rename(settings)
            raise

    def _how_to_record(self, settings: Settings) -> str:
        """What makes the missing cassette, where that is not simply recording it.

        A branch is recorded on its recording, which comes first; and it is not approved unseen.
        """
        if _options.in_ci():
            return "CI does not record: record the cassette on your machine, commit it, and let CI replay it"
        if settings.branch and self.place.cassette.exists():
            return command(self.item, f"--agentops-record=once{branch_option(settings.branch)}")
        compares = self.names.golden in getattr(self.item, "fixturenames", ())
        if self.place.shared or not (compares or settings.branch):
            return ""
        chosen_elsewhere = settings.branch and self.item.config.getoption("agentops_branch") is None
        words = ["--agentops-record=once"]
        words += ["--agentops-approve"] if compares else []
        words += ["--agentops-branch="] if chosen_elsewhere else []
        return command(self.item, " ".join(words))

    def _how_to_rename(self, settings: Settings) -> str:
        """What lets the recording of a test that is gone follow, where this may be that test."""
        if self.place.shared or self.place.cassette.exists():
            return ""
        config = self.item.config
        folder, began = config.rootpath / settings.golden_dir, config.invocation_params.dir
        hint = rename_hint(self.place.cassette, folder, config.rootpath, began=began)
        return hint and f"was the test renamed or moved? {hint}"

    # -- the end of the test --------------------------------------------------------------------

    def note(self, phase: str, error: BaseException | None) -> None:
        """Learn how a phase ended that ``settle`` may not have seen."""
        self._ran = self._ran or phase == "call"
        self._error = self._error or error

    def settle(self, error: BaseException | None) -> None:
        """Close the books when the test's body has ended with ``error``.

        Raises what the agent swallowed, so that it fails the test and not only its teardown. The
        run stays open: fixtures torn down later may still make calls.
        """
        __tracebackhide__ = True
        if isinstance(error, (KeyboardInterrupt, pytest.exit.Exception)):
            self._interrupt()
            return
        caught = getattr(self.item, "_excinfo", None) or []  # unittest keeps failures to itself
        error = error or next((info.value for info in caught), None)
        self._error, self._ran = error, True
        self._explain_golden(error)
        missed = next(iter(self.run.problems), None)
        self._reported = missed
        if missed is not None and only(error, missed) and not self.item.config.getoption("fulltrace"):
            caught.clear()
            raise trimmed(missed, self.item.config) from None
        if missed is not None and holds(error, missed):
            trimmed(error or missed, self.item.config)
        elif missed is not None and not isinstance(error, pytest.xfail.Exception):
            caught.clear()
            raise trimmed(missed, self.item.config) from error
        if error is None:
            self._settle_passed()

    def _settle_passed(self) -> None:
        __tracebackhide__ = True
        unused = self.run.report.unused
        if self.run.settings.strict and unused and not acts_afterwards(self.item, self.names):
            self._reported = UnusedRecordings(
                f"{len(unused)} of the recorded calls were never asked for",
                where=str(self.run.path),
                difference="\n".join(unused[:10]),
                remedy=self.run.spec.rerecord,
            )
            with told_plainly():
                raise self._reported
        if isinstance(self.golden, ApprovedGolden):
            with told_plainly():
                self.approved = approve(self.golden, self.run)

    def _explain_golden(self, error: BaseException | None) -> None:
        """Keep what the failure itself does not show: plain asserts, or a text cut by pytest."""
        if self.golden is None or not self.golden.explanation or error is None:
            return
        last = self.golden.explanation.splitlines()[-1].strip()
        if last not in str(error):
            self.explanation = self.golden.explanation

    def _interrupt(self) -> None:
        if self.run.closed:
            return
        self.run.abandon(cause=KeyboardInterrupt())
        if self.run.mode is not RunMode.REPLAY:
            note_interruption(
                self.item.config, f"{self.item.nodeid}: its cassette is as before{self._kept()}"
            )

    def _kept(self) -> str:
        """Where the interrupted recording left what it saw: a hidden file beside the cassette."""
        found = self.run.partial
        return "" if found is None else f"; what was seen is in {_shown(found, self.item.config.rootpath)}"

    def finish(self) -> None:
        """Close the run at the test's teardown: write its recording, raise what is still unsaid."""
        __tracebackhide__ = True
        if self.run.closed:
            return
        if not self._ran and self._error is None:  # neither passed nor failed: interrupted
            self._interrupt()
            return
        recording = self.run.mode is not RunMode.REPLAY
        if recording and (not self._ran or isinstance(self._error, pytest.skip.Exception)):
            self.run.discard()
            self._abandoned = True
            self.notes.append("not recorded: the test did not run to its end")
            return
        outcome = "completed" if self._error is None else f"raised {type(self._error).__name__}"
        try:
            with told_plainly():
                judged = is_verdict(self._error, self.item.path)
                self.run.close(outcome=outcome, cause=self._reported or self._error, judged=judged)
                if recording and self._error is not None:
                    self._note_failure(type(self._error).__name__)
        except ReplayMiss as miss:  # of a fixture torn down after the test
            raise trimmed(miss, self.item.config) from None
        if self._error is None and not recording and wants_audit(self.item.config):
            self._audit()

    def _note_failure(self, kind: str) -> None:
        if not self.run.broke_off:
            self.notes.append(f"recorded, although the test failed ({kind})")
            return
        self._abandoned = True
        note = f"not recorded: the test failed ({kind})"
        if self._target().exists():
            note += "; its cassette is as before"
        if self.run.partial is not None:
            note += f"; to keep what was seen: {self._recover(self.run.partial)}"
        self.notes.append(note)

    def _target(self) -> Path:
        """The file that the run records into: of a branch its own."""
        if self.run.mode is RunMode.BRANCH:
            return branch_path(self.run.path, self.run.settings.branch)
        return self.run.path

    def _recover(self, partial: Path) -> str:
        """The command that makes a cassette of what was seen; it never overwrites one."""
        target, began = self._target(), self.item.config.invocation_params.dir
        words = ["agentops-eval", "cassette", "recover", os.path.relpath(partial, began)]
        if target.exists():
            beside = target.with_name(f"recovered-{target.name}")
            words.append(os.path.relpath(beside, began))
        return shlex.join(words)

    def _audit(self) -> None:
        self.audit, failure = audit_test(self.item, self.run.settings.intentional)
        if failure:
            pytest.fail("\n".join((f"the determinism audit of {self.item.nodeid}:", *failure)), pytrace=False)

    def _note_replay(self) -> None:
        """Keep what the replay has shown, as evidence: of a test that compares with its golden."""
        missed = isinstance(self._error, pytest.skip.Exception) or not self._ran
        if self.golden is None or self.run.mode is not RunMode.REPLAY or missed:
            return
        from agentops_eval.harness.evidencing import Replayed, golden_name
        from pytest_agentops._evidence import shown

        diverged = self.golden.explanation.partition("\n")[0]
        if not diverged and self._error is not None:
            diverged = f"its test failed ({type(self._error).__name__})"
        root = self.item.config.rootpath
        golden = golden_name(self.golden.path, root)
        shown(self.item.config).replays.append(
            Replayed(
                agent=self.named,
                golden=golden,
                report=self.run.report,
                compared=True,
                diverged=diverged,
                recorded_at=self.run.recorded_at,
            )
        )

    def told(self) -> Told:
        """What the summary needs, in types that a worker process can send."""
        self._note_replay()
        report = self.run.report
        stats = report.stats
        drifted = () if stats is None else stats.drifted
        labels = dict(report.labels)
        if stats is not None and stats.misses:
            labels["missed"] = stats.misses
        self.notes += [f"{call}: {STOOD_IN}" for call in (() if stats is None else stats.stand_ins)]
        if isinstance(self.golden, ApprovedGolden) and not self.approved:
            self.notes.append("golden not approved: " + self._why_not_approved())
        return Told(
            nodeid=self.item.nodeid,
            mode="abandoned" if self._abandoned else report.mode,
            path=_shown(self._target(), self.item.config.rootpath),
            labels=labels,
            unused=[] if self._error or self._reported else list(report.unused),
            alike=[] if self._abandoned else list(report.alike),
            drifted=[str(drift) for drift in drifted],
            notes=self.notes,
            audit=self.audit or self._why_not_audited(),
            audited=bool(self.audit),
            approved=self.approved,
            explanation=self.explanation,
        )

    def _why_not_audited(self) -> list[str]:
        if not wants_audit(self.item.config):
            return []
        if self.run.mode is not RunMode.REPLAY:
            return ["not audited: it was being recorded; audit it in a run of its own"]
        return ["not audited: it does not pass a plain replay"]

    def _why_not_approved(self) -> str:
        if self._error is not None or self._reported is not None:
            return "the test did not pass"
        return "the test compared no trace with it"


CASE = pytest.StashKey[CaseRun]()


class ApprovedGolden(GoldenFile):
    """With ``--agentops-approve`` a trace that is compared is what will be the golden, so it equals it."""

    pending: Trace | None = None

    __hash__ = object.__hash__

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Trace):
            return NotImplemented
        self.pending = other
        return True


def open_golden(request: pytest.FixtureRequest) -> GoldenFile:
    """The golden of the test whose run is open."""
    case = request.node.stash[CASE]
    kind = ApprovedGolden if request.config.getoption("agentops_approve") else GoldenFile
    golden = kind(
        case.place.golden,
        approve_command=command(case.item, f"--agentops-approve{branch_option(case.run.settings.branch)}"),
        shown_path=_shown(case.place.golden, request.config.rootpath),
    )
    case.golden = golden
    return golden


def approve(golden: ApprovedGolden, run: ActiveRun) -> str:
    """Write the golden; say which one and how much of it changed, or nothing where nothing was compared."""
    if golden.pending is None:
        return ""
    before = _lines(golden.path)
    write_golden(golden.path, golden.pending, redactor=run.redactor)
    after = _lines(golden.path)
    if before is None:
        return f"{golden.shown_path}  new, {len(after or ())} lines"
    if before == after:
        return f"{golden.shown_path}  unchanged"
    changes = [line[0] for line in difflib.ndiff(before, after or [])]
    return f"{golden.shown_path}  +{changes.count('+')} -{changes.count('-')}"


def _lines(path: Path) -> list[str] | None:
    try:
        return path.read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return None


def _shown(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)


def _approver_fixture(request: pytest.FixtureRequest) -> Approver | str | None:
    """The fixture called ``approver``, where the test's module, a conftest or a plugin has one."""
    try:
        approver: Approver | str | None = request.getfixturevalue("approver")
    except pytest.FixtureLookupError as missing:
        if missing.argname != "approver":
            raise
        return None
    return approver


@contextmanager
def told_plainly() -> Generator[None]:
    """Fail with the text of an error of ours, without a traceback through the plugin."""
    try:
        yield
    except AgentopsError as error:
        if isinstance(error, CassetteMissing) and not error.remedy:
            error.remedy = "record it with --agentops-record=once"
        raise pytest.fail.Exception(str(error), pytrace=False) from None
