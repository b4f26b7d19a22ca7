"""The file of a journal: no secret in it, not even half of one, and what a crash leaves of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from agentops_eval.domain import JournalInvalid
from agentops_eval.harness.experimenting import JOURNALS, read_entries, recover

if TYPE_CHECKING:
    from pathlib import Path

    from tests.harness.experimenting._kit import Home

KEY = "sk-ant-api03-" + "Ab1Cd2Ef3" * 8


def whole(home: Home) -> Path:
    """A journal that is finished."""
    home.file("a.json", method=[home.python("act", "told", value=1)])
    home.day({"experiments": [{"experiment": "a.json"}]})
    return home.journals[0]


@pytest.mark.parametrize("before", [0, 30, 199_960])
def test_a_secret_is_hidden_before_it_could_be_cut(home: Home, before: int) -> None:
    """Wherever a value is shortened, for the journal or for people: half of a key is no key to a redactor."""
    source = f"\n\ndef leak():\n    return 'x ' * {before // 2} + '{KEY[:20]}' + '{KEY[20:]}'\n"
    with (home.root / f"{home.module}.py").open("a") as file:
        file.write(source)
    leak = home.probe("leak", "leak", "nothing")
    home.file("a.json", method=[leak])
    home.file("b.json", method=[], **{"abort-conditions": [leak]})
    steps = [{"experiment": "a.json", "gate": {"require": "anything"}}, {"experiment": "b.json"}]
    report = home.day({"experiments": steps})
    text = home.journals[0].read_text()
    assert "redacted" in text
    assert "the probe leak gave" in report.journals[1].reason
    for told in (text, *(one.what for one in report.weaknesses)):
        assert "sk-ant" not in told


@pytest.mark.parametrize("number", range(1, 6))
def test_a_changed_line_is_named_and_nothing_is_undone_by_it(home: Home, number: int) -> None:
    """One letter of it, though all of it can be read: neither a report nor a restore believes it."""
    path = whole(home)
    lines = path.read_bytes().splitlines(keepends=True)[:5]
    lines[number - 1] = lines[number - 1].replace(b'"at":"2', b'"at":"3')
    path.write_bytes(b"".join(lines))
    for read in (lambda: read_entries(path), lambda: recover(home.project)):
        with pytest.raises(JournalInvalid, match="changed") as told:
            read()
        assert told.value.where == f"{path}:{number}"


@pytest.mark.parametrize(
    "damage",
    [
        b"\x00" * 99 + b"\n",
        bytes(range(256)) + b"\n",
        b"[" * 99_999 + b"\n",
        b"{}\n",
        b'{"kind":"pause","at":"","n":7,"digest":"\xd1"}\n',
    ],
)
def test_a_damaged_journal_is_an_error(home: Home, damage: bytes) -> None:
    """Bytes of all kinds, zeros and deep nesting; without an end of line they are what a crash cut off."""
    path = whole(home)
    data = path.read_bytes()
    path.write_bytes(data + damage)
    with pytest.raises(JournalInvalid):
        read_entries(path)
    path.write_bytes(data + damage[:-1])
    if b"\n" not in damage[:-1]:
        assert len(read_entries(path)) == 6


def test_what_a_crash_left_of_a_first_line_owes_nothing(home: Home) -> None:
    """Half a line goes; an empty file is left alone, as another process may be about to begin it."""
    line = whole(home).read_bytes().splitlines(keepends=True)[0]
    half, empty = (home.root / JOURNALS / name for name in ("half.jsonl", "empty.jsonl"))
    half.write_bytes(line[:40])
    empty.touch()
    assert recover(home.project) == ()
    assert (half.exists(), empty.exists()) == (False, True)
