"""``datetime.now()`` while a determinism audit watches it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

from agentops_eval.seams._dates import watching_dates
from agentops_eval.seams._reads import ReadLog, auditing
from tests.seams._time_rig import record, replay

LONG_AGO = datetime(2001, 1, 1, tzinfo=UTC)


class Stamp(datetime):
    """A user's own class of dates."""


def no_shift(site):
    """Vary nothing."""
    return 0.0


def test_an_audited_replay_reads_the_runs_clock():
    """In an audited replay ``now`` and ``utcnow`` are those of the recording, shifted where ordered."""
    log = ReadLog()
    with replay() as run, auditing(log), watching_dates(lambda site: 86_400.0 if "shifted" in site else 0.0):
        started = run.clock.wall_s()

        def shifted():
            return datetime.now(UTC)

        assert abs(datetime.now(UTC).timestamp() - started) < 1
        assert abs(datetime.now().timestamp() - started) < 1
        assert abs(shifted().timestamp() - started - 86_400) < 1
        assert datetime.now(timezone(timedelta(hours=5))).utcoffset() == timedelta(hours=5)
        assert abs(datetime.utcnow().replace(tzinfo=UTC).timestamp() - started) < 1
        assert type(Stamp.now()) is Stamp
        assert abs(date.today() - datetime.fromtimestamp(started).date()) <= timedelta(days=1)
    assert {read.detail for read in log.reads} >= {"datetime.now", "datetime.utcnow"}
    assert all(read.site.startswith("tests.seams.test_dates:") for read in log.reads)


def test_libraries_and_recordings_read_the_machines_clock():
    """What a library asks, and what is asked while recording, is answered by the machine and not noted."""
    log = ReadLog()
    with replay(), auditing(log), watching_dates(no_shift):
        theirs = eval("datetime.now(UTC)", {"__name__": "httpx2._client", "datetime": datetime, "UTC": UTC})
    with record(), auditing(log), watching_dates(no_shift):
        mine = datetime.now(UTC)
    with auditing(log), watching_dates(no_shift):
        outside = datetime.now(UTC)
    assert theirs <= mine <= outside
    assert not log.reads


def test_nothing_stays_exchanged():
    """After the audit the methods are the interpreter's own again, and so is what they answer."""
    plain = vars(datetime)["now"]
    with watching_dates(no_shift):
        assert vars(datetime)["now"] is not plain
        with watching_dates(no_shift):
            pass
        assert vars(datetime)["now"] is not plain
    assert vars(datetime)["now"] is plain
    assert datetime.now(UTC) > LONG_AGO
