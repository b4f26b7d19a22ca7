"""``evidence``: what was shown is listed, verified and exported."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agentops_eval.domain import VerdictValue
from tests.cli._kit import documented_keys, printed_keys
from tests.harness.evidencing._kit import item, proof, three, write

KEYS = documented_keys()


@pytest.fixture
def store(ae) -> Path:
    """Three items that count; one that is unsafe, one whose proof is gone, and one that is long over."""
    three(ae.folder)
    told = proof()
    write(
        ae.folder,
        item(kind="eval.suite", subject="refunds " * 20, agent="désk 🙂", **told),
        item(
            kind="chaos.explore",
            subject="depth-2",
            verdict=VerdictValue.FAIL,
            harms=("extra-effect",),
            **told,
        ),
        item(kind="gate", source="gone.json", source_digest="0" * 64),
        item(kind="judge", at="2020-01-01T00:00:00Z", expires="2020-04-01T00:00:00Z", **told),
    )
    return ae.folder


def test_a_list_fits_eighty_columns(ae, store, monkeypatch):
    """A row an item; what does not count says why, and nothing is wider than a terminal."""
    monkeypatch.setenv("COLUMNS", "80")
    done = ae("evidence", "list")
    assert done.code == 0
    assert max(map(len, done.out.splitlines())) <= 80
    lines = done.out.splitlines()
    assert lines[0].split() == ["shown", "agent", "kind", "verdict", "subject"]
    assert lines[1].split() == ["2026-11-27", "06:33", "refund", "chaos.check", "pass", "breaker"]
    assert "unsafe  depth-2\n  extra-effect: " in done.out
    assert "source: gone.json is missing" in done.out
    assert lines[-1] == "7 items, 2 of which do not count"


def test_conditions_choose(ae, store):
    """Agent, kind and moment combine; where nothing fits, that is said."""
    count = lambda *words: ae("evidence", "list", "--json", *words).document["count"]  # noqa: E731
    assert count("--agent", "désk 🙂") == 1
    assert count("--kind", "gate", "--kind", "judge") == 2
    assert count("--since", "2026-01-01", "--agent", "refund") == 5
    assert count("--harm", "extra-effect", "--agent", "refund") == 1
    assert count("--harm", "extra-effect", "--agent", "another") == 0
    assert ae("evidence", "list", "--harm", "extra-efect").code == 2
    none = ae("evidence", "list", "--agent", "nobody")
    assert (none.code, none.out) == (1, "none of 7 items fits; all of them:  agentops-eval evidence list\n")


@pytest.mark.parametrize(
    ("harm", "agent", "found"),
    [("saga-burnt", "unnamed", "other"), ("extra-effect", "", "extra-effect"), ("extra-effect", "x", "none")],
)
def test_the_plan_leads_to_the_items_of_each_harm(ae, harm, agent, found):
    """Its command lists what shows that harm and nothing else, be nobody named in it or its name unknown."""
    told = {"agent": agent, "verdict": VerdictValue.FAIL, "harms": (harm,)}
    write(ae.folder, item(subject="mine", **proof()), item(subject="harmful", **told, **proof()))
    card = ae("scorecard", "--agent", "refund", "--at", "2026-11-27T12:00:00Z", "--json").document
    commands = {one["criterion"]: one["command"] for one in card["plan"] if "harm:" in one["criterion"]}
    assert [*commands] == ([] if found == "none" else [f"harm:{found}"])
    for command in commands.values():
        items = ae.paste(f"{command} --json").document["items"]
        assert [one["subject"] for one in items] == ["harmful"]


def test_nothing_is_said_of_nothing(ae):
    """Without evidence each command says how it comes about, and that nothing was shown."""
    for words in (("list",), ("verify",)):
        done = ae("evidence", *words)
        assert done.code == 1
        assert "there is no evidence here" in done.out


def test_verify_names_what_does_not_count(ae, store):
    """A missing proof is a finding; that an item's time is over is told, and is none."""
    done = ae("evidence", "verify")
    assert done.code == 1
    assert "7 items in 2 shards: 5 count, 1 expired, 1 source" in done.out
    assert "gone.json is missing" in done.out
    assert ae("evidence", "verify", "--kind", "judge").code == 0


def test_a_tampered_shard_is_named_once(ae, store):
    """The first line that was changed is named; what follows it is counted."""
    path = min((store / ".agentops/evidence").glob("*.jsonl"), key=lambda one: one.stat().st_size)
    path.write_bytes(path.read_bytes().replace(b'"pass"', b'"fail"'))
    done = ae("evidence", "verify", "--json")
    assert (done.code, done.document["doubts"]["tampered"]) == (1, 3)
    assert [one["place"] for one in done.document["items"] if one["doubt"] == "tampered"] == [
        f".agentops/evidence/{path.name}:2"
    ]


def test_a_manifest_finds_what_was_removed(ae):
    """The command that export prints verifies; after a shard was removed it names it."""
    path = three(ae.folder)
    done = ae("evidence", "export", "--manifest", "evidence.manifest.json")
    assert done.code == 0
    command = done.out.splitlines()[-1]
    assert "and 0 items more" in ae.paste(command).out
    write(ae.folder, item(**proof()))
    assert "and 1 item more" in ae.paste(command).out
    path.unlink()
    gone = ae.paste(command)
    assert (gone.code, f"gone       {path.name} is missing; it had 3 items" in gone.out) == (1, True)


def test_a_digest_is_of_the_whole_store(ae):
    """What verify printed is what it expects, until an item comes or goes."""
    three(ae.folder)
    digest = ae("evidence", "verify", "--json").document["digest"]
    assert ae("evidence", "verify", "--expect", digest).code == 0
    assert f"digest {digest}" in ae("evidence", "verify").out
    three(ae.folder)
    done = ae("evidence", "verify", "--expect", digest)
    assert (done.code, "the digest of the store is not" in done.out) == (1, True)
    assert ae("evidence", "verify", "--expect", digest, "--json").document["differs"] is True


def test_export_writes_what_counts(ae, store):
    """A JSON line an item, with its digest and place, to a file or to standard output."""
    printed = ae("evidence", "export")
    rows = [json.loads(text) for text in printed.out.splitlines()]
    assert len(rows) == 5
    assert {row["counts"] for row in rows} == {True}
    assert ae("evidence", "export", "--out", "items.jsonl").out == "5 items written to items.jsonl\n"
    assert (store / "items.jsonl").read_text(encoding="utf-8") == printed.out
    assert ae("evidence", "export", "--json").code == 2


@pytest.mark.parametrize("command", ["list", "verify", "export"])
def test_keys_are_those_of_the_page(ae, store, command):
    """Every key that a command prints is in its table, and the reverse."""
    more = ("--out", "x.jsonl", "--manifest", "m.json") if command == "export" else ()
    ae("evidence", "export", "--manifest", "m.json")
    more = more or (("--against", "m.json") if command == "verify" else ())
    known = KEYS[f"evidence {command}"]
    assert printed_keys(ae("evidence", command, *more, "--json").document, known) == known
