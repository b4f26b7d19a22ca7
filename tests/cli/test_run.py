"""``record`` and ``replay`` run any callable, tell how it went, and end with a code that scripts can use."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli._kit import Commands

R = ("--cassette", "r.cassette.jsonl")


def test_a_target_is_recorded_and_replayed_where_its_name_says(ae: Commands) -> None:
    """The default path follows from module, callable and arguments, and the tool's body runs once only."""
    first = ae("record", "cli_shop:refund", 1043)
    assert (first.code, "really paid" in first.out) == (0, True)
    kept = [path.name for path in (ae.folder / "golden_traces/cli_shop").iterdir()]
    assert len(kept) == 1
    assert kept[0].startswith("refund-1043-")
    again = ae("replay", "cli_shop:refund", 1043)
    assert (again.code, "really paid" in again.out, "2 replayed" in again.out) == (0, False, True)


def test_replaying_twice_says_the_same_twice(ae: Commands) -> None:
    """Two replays of one case print the same, to the digest."""
    assert ae("replay", "cli_shop:refund", 1042, *R).out == ae("replay", "cli_shop:refund", 1042, *R).out


def test_a_golden_is_approved_by_the_command_that_was_printed(ae: Commands) -> None:
    """A run without a golden ends in the command that approves one; later runs equal it."""
    (ae.folder / "r.otlp.jsonl").unlink()
    done = ae("replay", "cli_shop:refund", 1042, *R)
    assert done.code == 0
    line = next(text for text in done.out.splitlines() if text.startswith("Approve it:"))
    assert "approved: r.otlp.jsonl" in ae.paste(line.removeprefix("Approve it:").strip()).out
    assert "equal: r.otlp.jsonl" in ae("replay", "cli_shop:refund", 1042, *R).out


def test_a_changed_call_misses_with_a_command_that_works(ae: Commands) -> None:
    """Another callable tried on a recording misses, and the pasted remedy records it as the same case."""
    done = ae("replay", "cli_shop:cents", 1042, *R)
    assert done.code == 1
    assert "AE110" in done.err
    assert "5990" in done.err
    recorded = ae.paste(done.remedy)
    assert recorded.code == 1
    assert "refund diverged from r.otlp.jsonl at call 2 of 2" in recorded.out


def test_a_missing_recording_asks_for_one(ae: Commands) -> None:
    """Exit code 3 says that a recording is needed, and the pasted remedy makes it."""
    done = ae("replay", "cli_shop:words", "it's", "two words", "--", "--dashed")
    assert done.code == 3
    assert ae.paste(done.remedy).code == 0
    assert ae("replay", "cli_shop:words", "it's", "two words", "--", "--dashed").code == 0


def test_an_audit_needs_a_recording(ae: Commands) -> None:
    """The determinism audit of what was never recorded asks for a recording, too."""
    done = ae("replay", "cli_shop:look", 1042, "--twice")
    assert (done.code, done.remedy) == (3, "agentops-eval record cli_shop:look 1042")


def test_a_golden_that_was_named_has_to_be_there(ae: Commands) -> None:
    """A missing golden fails, and the pasted remedy approves it at that path."""
    done = ae("replay", "cli_shop:refund", 1042, *R, "--golden", "nix.otlp.jsonl")
    assert "AE201" in done.err
    assert ae.paste(done.remedy).code == 0
    assert (ae.folder / "nix.otlp.jsonl").exists()


def test_an_agent_that_raises_is_a_finding(ae: Commands) -> None:
    """Type, message and the agent's own line are told, when recording and when replaying alike."""
    done = ae("replay", "cli_shop:refund", 9, "--cassette", "raised.cassette.jsonl", "--approve")
    assert done.code == 1
    assert "raised   KeyError: 9" in done.out
    assert "cli_shop.py" in done.out
    assert "not approved" in done.out
    assert not (ae.folder / "raised.otlp.jsonl").exists()


def test_an_agent_that_leaves_is_no_failure_of_ours(ae: Commands) -> None:
    """sys.exit in an agent ends the agent: 0 is completion, anything else an exception."""
    assert ae("record", "cli_shop:leave", 0).code == 0
    done = ae("record", "cli_shop:leave", 7)
    assert (done.code, "SystemExit: 7" in done.out) == (1, True)


def test_another_ending_than_recorded_is_pointed_out(ae: Commands) -> None:
    """A replay that completes where the recorded run raised says so."""
    (ae.folder / "cli_shop.py").write_text(
        "from agentops_eval import tool\n@tool\ndef get_order(order: int) -> dict[str, float]: ...\n"
        "def refund(order: int):\n    try: get_order(order)\n    except KeyError: return 'none'\n"
    )
    done = ae("replay", "cli_shop:refund", 9, "--cassette", "raised.cassette.jsonl")
    assert "the recorded run raised KeyError, this one completed" in done.out


def test_a_coroutine_is_awaited(ae: Commands) -> None:
    """Async agents need no wrapper."""
    assert ae("record", "cli_shop:later", 1042, "--json").document["result"] == "refunded"


@pytest.mark.parametrize("answer", ["approve", "reject", "silent"])
def test_the_scripted_approver_answers(ae: Commands, answer: str) -> None:
    """The option says how approve() is answered."""
    said = {"approve": "approved", "reject": "rejected", "silent": "timeout"}[answer]
    assert ae("record", "cli_shop:ask", "--approver", answer, "--json").document["result"] == said


def test_strict_fails_on_what_nobody_asked_for(ae: Commands) -> None:
    """An unused recording is reported always, and fails in strict mode."""
    done = ae("replay", "cli_shop:look", 1042, *R, "--golden", "r.otlp.jsonl")
    assert "unused   call 2, tool issue_refund" in done.out
    strict = ae("replay", "cli_shop:look", 1042, *R, "--strict")
    assert (strict.code, "AE302" in strict.err) == (1, True)
    assert "call 2, tool issue_refund" in strict.err


def test_an_audit_needs_what_it_audits(ae: Commands) -> None:
    """Without a recording, or without the branch, --twice says which command makes it; nothing is run."""
    missing = ae("replay", "cli_shop:refund", 1043, "--twice")
    assert (missing.code, missing.remedy) == (3, "agentops-eval record cli_shop:refund 1043")
    assert "there is no recording to audit" in missing.err
    branch = ae("replay", "cli_shop:refund", 1042, *R, "--twice", "--branch", "b")
    assert (branch.code, "no branch 'b' to audit" in branch.err) == (3, True)
    assert branch.remedy.endswith("--branch b --record")


def test_calls_are_counted_from_one_everywhere(ae: Commands) -> None:
    """A miss, a drift, a fork and a divergence give the same call the same number."""
    miss = ae("replay", "cli_shop:cents", 1042, *R)
    assert "where: call 2, issue_refund" in miss.err
    assert "nearest: recorded call 2" in miss.err
    drift = ae("replay", "cli_shop:cents", 1042, *R, "--allow-drift")
    assert "drifted  call 2, tool issue_refund: got the answer of recorded call 2" in drift.out
    assert "at call 2 of 2" in drift.out
    fork = ae("replay", "cli_shop:cents", 1042, *R, "--branch", "b", "--record")
    assert "left the recording at call 2" in fork.out
    assert "  2  tool  issue_refund" in ae("cassette", "show", "r.cassette.jsonl").out


def test_drift_is_served_on_request_and_reported(ae: Commands) -> None:
    """A drifted answer is never silent."""
    done = ae("replay", "cli_shop:cents", 1042, *R, "--allow-drift", "--json")
    assert done.code == 1
    assert len(done.document["drifted"]) == 1


def test_a_branch_is_recorded_and_replayed(ae: Commands) -> None:
    """What the recording lacks is done for real once, and kept beside it."""
    words = ("cli_shop:cents", 1042, *R, "--branch", "in-cents")
    missing = ae("replay", *words)
    assert missing.code == 3
    recorded = ae.paste(missing.remedy)
    assert "1 replayed, 1 live" in recorded.out
    again = ae("replay", *words, "--json").document
    assert again["labels"] == {"replayed": 1, "branch": 1}
    shown = ae("trace", "show", "r@in-cents.cassette.jsonl").out
    assert "5990" in shown
    assert "replayed" in shown


def test_nothing_is_recorded_by_a_replay_or_in_ci(ae: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    """A project that records in pytest still replays here, and CI never records nor approves."""
    (ae.folder / "pyproject.toml").write_text('[tool.agentops]\nrecord = "all"\n')
    monkeypatch.setenv("CI", "1")
    assert ae("replay", "cli_shop:refund", 1042, *R).code == 0
    for command in (
        ("record", "cli_shop:refund", 1042),
        ("replay", "cli_shop:refund", 1042, *R, "--approve"),
    ):
        refused = ae(*command)
        assert (refused.code, "AE301" in refused.err) == (2, True)


def test_what_an_agent_says_cannot_steer_the_terminal(ae: Commands) -> None:
    """Control and direction characters of a result are shown, not sent."""
    out = ae("record", "cli_shop:hostile").out
    assert "\x1b" not in out
    assert "\u202e" not in out
    assert "\\x1b[2Jgone\\u202e\\nnext line" in out


def test_json_stands_alone_on_standard_output(ae: Commands) -> None:
    """What the agent prints goes to standard error."""
    done = ae("record", "cli_shop:refund", 1042, *R, "--json")
    assert done.document["golden"]["verdict"] == "equal"
    assert "really paid" in done.err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["nonsense"], "not module:callable"),
        (["cli_shop.py:refund"], "give the module instead of its file: cli_shop:refund"),
        (["cli_shpo:refund"], "did you mean 'cli_shop'?"),
        (["cli_shop:refnd"], "did you mean 'refund'?"),
        (["cli_shop:ORDERS"], "cannot be called"),
        (["cli_shop:refund"], "missing a required argument: 'order'"),
        (["cli_shop:refund", "x"], "'x' is no int"),
        (["cli_shop:nothing"], "it has: get_order, issue_refund, is_old, refund, cents, look, report"),
        (["cli_shop:refund", "-3"], "agentops-eval record -- MODULE:CALLABLE -3 (if it is an argument"),
        (["cli_shop:refund", "1042", "--cassette", "."], "is a folder"),
        (["cli_shop:refund", "1042", "--cassette", "r.yaml"], "cassette convert"),
    ],
)
def test_nonsense_is_named_with_what_would_be_right(ae: Commands, words: list[str], says: str) -> None:
    """Each mistake costs exit code 2 and tells what would do."""
    done = ae("record", *words)
    assert done.code == 2
    assert says in done.err


def test_a_cut_list_of_callables_says_so(ae: Commands) -> None:
    """Only what the module defines is listed, ten of them, and how many more there are."""
    made = "".join(f"def f{number}(): ...\n" for number in range(13))
    (ae.folder / "cli_many.py").write_text(f"from pathlib import Path\n{made}")
    done = ae("replay", "cli_many:zzz")
    assert done.remedy == "it has: f0, f1, f2, f3, f4, f5, f6, f7, f8, f9 and 3 more"


def test_a_run_without_an_approver_is_told_the_option(ae: Commands) -> None:
    """The fix is a command to paste, and a recording that holds only our own error is not kept."""
    (ae.folder / "cli_asks.py").write_text(
        "from agentops_eval import approve\ndef buy():\n    return approve('buy').approved\n"
    )
    done = ae("record", "cli_asks:buy", "--cassette", "asks.cassette.jsonl")
    assert "AE404" in done.err
    assert not list(ae.folder.glob(".asks*"))
    assert "--approver approve" in done.remedy
    assert ae.paste(done.remedy).code == 0


def test_modules_that_fail_are_shown_at_their_line(ae: Commands) -> None:
    """A module that raises, exits or cannot be parsed is named with file and line."""
    for name, text in {"cli_a": "1/0", "cli_b": "\nimport sys\nsys.exit(0)", "cli_c": "def ("}.items():
        (ae.folder / f"{name}.py").write_text(text)
    assert "cli_a.py:1" in ae("replay", "cli_a:x").err
    assert "cli_b.py:3" in ae("replay", "cli_b:x").err
    assert "cli_c.py:1" in ae("replay", "cli_c:x").err


def test_record_without_a_branch_is_refused(ae: Commands) -> None:
    """replay records branches only."""
    assert "--branch NAME" in ae("replay", "cli_shop:refund", 1042, "--record").err


def test_a_branch_needs_a_recording_to_leave(ae: Commands) -> None:
    """Without a recording no branch is made, nothing is done for real, and the way there can be pasted."""
    branch = ("--branch", "b", "--record")
    done = ae("replay", "cli_shop:refund", 1043, *branch)
    assert (done.code, done.remedy) == (3, "agentops-eval record cli_shop:refund 1043")
    assert "AE101 there is no recording to branch from" in done.err
    assert "really paid" not in done.out + done.err
    assert not (ae.folder / "golden_traces").exists()
    assert ae("replay", "cli_shop:refund", 1043, "--branch", "b").remedy == done.remedy
    assert ae.paste(done.remedy).code == 0
    assert ae("replay", "cli_shop:refund", 1043, *branch).code == 0


def test_one_is_said_in_the_singular(ae: Commands) -> None:
    """Counts agree with what they count."""
    strict = ae("replay", "cli_shop:look", 1042, *R, "--strict").err
    assert "1 of the recorded calls was never asked for" in strict
    assert "cli_shop:refund cannot be called with 0 arguments: " in ae("record", "cli_shop:refund").err
    assert "cli_shop:ask cannot be called with 1 argument: " in ae("record", "cli_shop:ask", "x").err
    assert "cli_shop:ask cannot be called with 2 arguments: " in ae("record", "cli_shop:ask", "x", "y").err


def test_a_recording_that_broke_off_is_not_said_to_be_there(ae: Commands) -> None:
    """A first recording that an agent broke off before anything was answered is told as not written."""
    done = ae("record", "cli_shop:look", 9, "--cassette", "new.cassette.jsonl")
    there = (ae.folder / "new.cassette.jsonl").exists()
    assert (done.code, "new.cassette.jsonl was not written" in done.out) == (1, not there)
    assert "as it was before" not in done.out
    again = ae("record", "cli_shop:refund", 9, "--cassette", "r.cassette.jsonl")
    assert "r.cassette.jsonl is as it was before" in again.out


def test_a_recording_says_which_calls_are_alike(ae: Commands) -> None:
    """Calls that differ only in secrets are named, with what to do about it; a replay is silent."""
    (ae.folder / "bank.py").write_text(
        "from agentops_eval import tool\n"
        "KEYS = ['sk-proj-' + name + '0123456789abcdefghijklmnop' for name in ('ann', 'bob')]\n"
        "@tool\ndef balance(key): return KEYS.index(key)\n"
        "def both(): return [balance(key) for key in KEYS]\n"
    )
    done = ae("record", "bank:both", "--cassette", "bank.cassette.jsonl")
    assert done.code == 0
    assert "  alike    call 1, call 2, tool balance, differ only in what redaction hides;" in done.out
    assert "handoff" in done.out
    assert "sk-proj" not in done.out + done.err
    assert "alike" not in ae("replay", "bank:both", "--cassette", "bank.cassette.jsonl").out
