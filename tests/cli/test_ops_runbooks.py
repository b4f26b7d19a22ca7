"""``ops runbooks``: from what a project has shown to files that people edit, and the evidence of it."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agentops_eval.domain import Evidence, VerdictValue
from agentops_eval.harness.evidencing import Noted, keep_evidence
from agentops_eval.traces.redaction import Redactor
from tests.cli._kit import documented_keys, printed_keys
from tests.operations._runs import made, write

OWNED = """[tool.agentops]
agent_name = "desk"
[tool.agentops.agents.desk]
purpose = "refunds"
owner = "role:desk"
"""
REDACT = Redactor()


def impact(tool: str = "issue_refund", *, harm: str = "duplicated-effect", **more) -> dict:
    """What a run under a fault came to, as proofs keep it."""
    schedule = {"faults": [{"fault": "tool_reply_lost", "target": tool, "nth": [1]}], "seed": 0}
    return {
        "mode": "failed-unsafe",
        "faults": f"tool_reply_lost @{tool} #1",
        "schedule": schedule,
        "injected": [f"/{tool}#0: its answer is lost"],
        "harms": [harm],
        "reasons": [{"harm": harm, "subject": tool, "text": f"{tool} was done twice"}],
        "blast_radius": {
            "steps": 0.5,
            "tools": [tool],
            "effects": [f"{tool}(1042)"],
            "hops": 1,
            "contained": True,
        },
        "recovery": {"seconds": None, "calls": None},
        "cost": {"ratio": 2.0, "wasted": None},
        **more,
    }


def explored(root: Path, *impacts: dict, agent: str = "desk", later_s: int = 0) -> None:
    """Evidence of an exploration that found so much."""
    findings = [{"test": f"tests/test_{n}.py", "check": "", "impact": one} for n, one in enumerate(impacts)]
    fact = Evidence(
        agent=agent, kind="chaos.explore", subject="depth-1", at="",
        verdict=VerdictValue.FAIL if impacts else VerdictValue.PASS,
    )  # fmt: skip
    noted = Noted(facts=[fact], proof={"agent": "shop:agent", "findings": findings})
    keep_evidence(root, REDACT, noted, now=datetime.now(UTC) + timedelta(seconds=later_s))


@pytest.fixture
def desk(ae) -> Path:
    """A project whose agent has an owner, and of whose exploration there is evidence."""
    (ae.folder / "pyproject.toml").write_text(OWNED, encoding="utf-8")
    explored(ae.folder, impact())
    return ae.folder


def contents(folder: Path) -> dict[str, bytes]:
    """All files of a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_failure_that_was_shown_becomes_a_runbook(ae, desk):
    """It tells symptom, detection, radius, first actions, rollback, owner and what shows it again."""
    done = ae("ops", "runbooks")
    assert (done.code, "1 failure mode shown, 1 of them unsafe" in done.out) == (0, True)
    (path,) = (one for one in (desk / "runbooks").iterdir() if one.name != "README.md")
    text = path.read_text(encoding="utf-8")
    for words in (
        "was done twice", 'gen_ai.tool.name = "issue_refund"', "| 50 % | 1 | yes |", "role:desk",
        "pytest tests/test_0.py", "(../tests/test_0.py)", "x 2", "--select AL205",
    ):  # fmt: skip
        assert words in text, words
    titles = re.findall(r"^## (.*)$", text, re.MULTILINE)
    assert titles == [
        "Symptom", "Detection", "Blast radius", "Degraded mode", "First actions", "Rollback", "Owner",
        "Evidence",
    ]  # fmt: skip
    index = (desk / "runbooks/README.md").read_text(encoding="utf-8")
    assert f"({path.name})" in index


def test_the_same_input_gives_the_same_bytes(ae, desk):
    """Nothing is written a second time, and --check says so."""
    wanted = ae("ops", "runbooks", "--check", "--out", "run books")
    (command,) = re.findall("write them:  (.*)", wanted.out)
    assert (wanted.code, ae.paste(command).code, (desk / "run books").is_dir()) == (1, 0, True)
    assert ae("ops", "runbooks", "--check").code == 1
    assert not (desk / "runbooks").exists()
    ae("ops", "runbooks")
    before = contents(desk / "runbooks")
    again = ae("ops", "runbooks", "--json")
    assert {one["state"] for one in again.document["runbooks"]} == {"same"}
    assert again.document["index"]["state"] == "same"
    assert contents(desk / "runbooks") == before
    assert ae("ops", "runbooks", "--check").code == 0


def test_hand_edits_and_other_names_survive_what_is_shown_next(ae, desk):
    """Notes, an edited part and a file's new name stay; other parts follow what is shown."""
    ae("ops", "runbooks")
    (path,) = (one for one in (desk / "runbooks").iterdir() if one.name != "README.md")
    mine = desk / "runbooks" / "refund-twice.md"
    text = path.read_text(encoding="utf-8").replace("1. Let the agent", "1. Call the bank. Let the agent")
    mine.write_text(text + "\nThe bank's number is in the safe.\n", encoding="utf-8")
    path.unlink()
    explored(desk, impact(blast_radius={"steps": 0.25, "tools": []}))
    done = ae("ops", "runbooks")
    text = mine.read_text(encoding="utf-8")
    assert "25 %" in text
    assert "1. Call the bank." in text
    assert text.endswith("\nThe bank's number is in the safe.\n")
    assert "first-actions: edited by hand and kept" in done.out
    assert {one.name for one in (desk / "runbooks").iterdir()} == {"README.md", "refund-twice.md"}
    (one,) = ae("ops", "runbooks", "--json").document["runbooks"]
    assert [part["part"] for part in one["edited"]] == ["first-actions"]


def test_what_is_not_shown_any_more_is_told_and_not_deleted(ae, desk):
    """A later exploration that finds nothing leaves the runbook as it is."""
    ae("ops", "runbooks")
    before = contents(desk / "runbooks")
    explored(desk, later_s=60)
    done = ae("ops", "runbooks", "--json")
    assert done.code == 0
    assert [Path(one).name for one in done.document["gone"]] == [
        name for name in before if name != "README.md"
    ]
    after = contents(desk / "runbooks")
    assert {name: after[name] for name in before if name != "README.md"} == {
        name: text for name, text in before.items() if name != "README.md"
    }
    assert b"nothing that was read shows it now" in after["README.md"]


def test_a_persons_own_file_is_left_alone(ae, desk):
    """A list of their own stays, and is exit code 1, for ours was not written."""
    (desk / "runbooks").mkdir()
    (desk / "runbooks/README.md").write_bytes(b"# Ours \xff\r\n")
    done = ae("ops", "runbooks")
    assert done.code == 1
    assert "the index was left alone" in done.out
    assert (desk / "runbooks/README.md").read_bytes() == b"# Ours \xff\r\n"


def test_without_an_owner_it_is_a_finding(ae, desk):
    """Exit code 1, and no role stands in the runbook by accident: scorecards would take it for an owner."""
    (desk / "pyproject.toml").write_text('[tool.agentops]\nagent_name = "desk"\n', encoding="utf-8")
    done = ae("ops", "runbooks", "--json")
    assert (done.code, done.document["without_owner"]) == (1, 1)
    text = Path(done.document["runbooks"][0]["path"]).read_text(encoding="utf-8")
    assert re.search(r"role:[a-z0-9]", text) is None


def test_runs_in_operation_are_sorted_by_the_rules_of_incidents(ae, desk):
    """A class of incidents is a failure mode; what no rule knows is counted and has no runbook."""
    late = [made(n, right=False, wait_s=900.0, status="timeout") for n in range(3)]
    down = [made(n + 10, right=False, error="ConnectionError") for n in range(2)]
    write(desk / "prod.jsonl", [*late, *down, made(30), made(31, right=False)])
    done = ae("ops", "runbooks", "prod.jsonl", "--json").document
    found = {tuple(one["causes"]): one for one in done["runbooks"]}
    assert {*found} == {("lost",), ("human",), ("infrastructure",)}
    assert (found["human",]["shown"], found["infrastructure",]["shown"], done["unclassified"]) == (3, 2, 1)
    text = Path(found["infrastructure",]["path"]).read_text(encoding="utf-8")
    command = next(one for one in text.splitlines() if one.startswith("agentops-eval ops incidents"))
    assert ae.paste(f"{command} --json").document["kinds"]["infrastructure"] == 2
    shown = next(one for one in text.splitlines() if one.startswith("agentops-eval trace show"))
    assert ae.paste(shown).code == 0


def test_the_detection_query_finds_what_it_is_for(ae, desk):
    """Run as it stands in the runbook, the lint tells runs in which one call was carried out twice."""
    once = made(1)
    told = {"gen_ai.tool.call.id": "call-1", "gen_ai.tool.call.arguments": "{}"}
    *others, tool = once.spans
    tool = replace(tool, attributes={**tool.attributes, **told})
    later = replace(tool, span_id="f" * 16, start_ns=tool.end_ns, end_ns=tool.end_ns + 1)
    root, llm = others
    call = {"type": "tool_call", "id": "call-1", "name": "issue_refund", "arguments": {}}
    said = json.dumps([{"role": "assistant", "parts": [call]}])
    more = [replace(llm, attributes={**llm.attributes, "gen_ai.output.messages": said})]
    whole = replace(root, end_ns=later.end_ns)
    for spans, code in (((root, *more, tool), 0), ((whole, *more, tool, later), 1)):
        write(desk / "prod.jsonl", [replace(once, spans=spans)])
        done = ae("ops", "runbooks", "prod.jsonl", "--json").document
        text = Path(done["runbooks"][0]["path"]).read_text(encoding="utf-8")
        commands = [one for one in text.splitlines() if one.startswith("agentops-eval trace ")]
        assert len(commands) == 2
        assert ae.paste(next(one for one in commands if " lint " in one)).code == code
        assert ae.paste(next(one for one in commands if " audit " in one)).out.count("issue_refund") > code


def test_checks_runs_under_faults_and_incidents_of_the_past_are_evidence_too(ae, desk):
    """Each is a failure with a command that shows it again; a page of the finding tells it, too."""
    check = {
        "check": "breaker",
        "evidence": ["it did not open"],
        "findings": [{"check": "breaker", "impact": impact("pay")}],
    }
    under = impact("ship", mode="hung", harms=["past-deadline"], reasons=[])
    sorted_into = [{"kind": "human", "reason": "nobody answered", "confidence": 0.8, "mast": ["FM-1.5"]}]
    for kind, subject, proof in (
        (
            "chaos.check",
            "breaker",
            {"agent": "shop:agent", "checks": [check, {"check": "other", "findings": [1]}]},
        ),
        ("chaos.fault", under["faults"], {"impacts": [{"agent": "shop:agent", **under}, {"faults": "else"}]}),
        ("trace.stats", "incidents", {"first_incidents": [*sorted_into, {"kind": "unknown"}, 7]}),
    ):
        fact = Evidence(agent="desk", kind=kind, subject=subject, at="", verdict=VerdictValue.FAIL)
        keep_evidence(desk, REDACT, Noted(facts=[fact], proof=proof))
    done = ae("ops", "runbooks", "--json").document
    found = {(*one["causes"], *one["dependencies"]): Path(one["path"]) for one in done["runbooks"]}
    assert {*found} == {("lost", "issue_refund"), ("lost", "pay"), ("lost", "ship"), ("human",)}
    texts = {key: path.read_text(encoding="utf-8") for key, path in found.items()}
    assert "agentops-eval chaos check shop:agent --only breaker" in texts["lost", "pay"]
    assert "agentops-eval chaos explore shop:agent --faults tool_reply_lost" in texts["lost", "ship"]
    assert "nobody answered" in texts["human",]
    site = ae("report", "build", "--out", "site")
    pages = "".join(path.read_text(encoding="utf-8") for path in (desk / "site/findings").glob("*breaker*"))
    assert (site.code, "it did not open" in pages) == (0, True)


def test_journals_of_explorations_are_read(ae, desk):
    """Those of --state, and what --json printed; a line that is broken is named and passed over."""
    schedule = impact("send_email")["schedule"]
    finding = {
        "schedule": schedule,
        "mode": "failed-unsafe",
        "reasons": [["duplicated-effect", "send_email"]],
    }
    lines = [{"exploration": 1, "agent": "shop:agent"}, {"finding": {**finding, "found_with": "x"}}]
    (desk / "state").mkdir()
    text = "\n".join(json.dumps(one) for one in lines)
    (desk / "state/explore.jsonl").write_text(f"{text}\n{{broken\n[]\n", encoding="utf-8")
    printed = {"agent": "agent", **impact("book_hotel"), "found_with": "x", "test": "", "shrink_runs": 1}
    (desk / "found.jsonl").write_text(json.dumps(printed) + "\n", encoding="utf-8")
    done = ae("ops", "runbooks", "state", "found.jsonl", "--json")
    tools = {one["dependencies"][0] for one in done.document["runbooks"]}
    assert (done.code, tools) == (0, {"issue_refund", "send_email", "book_hotel"})
    assert [one["where"] for one in done.document["problems"]] == [
        "state/explore.jsonl:3",
        "state/explore.jsonl:4",
    ]


def test_it_fits_eighty_columns(ae, desk, monkeypatch):
    """Also where names are as long as names get."""
    monkeypatch.setenv("COLUMNS", "80")
    explored(desk, impact("a_tool_with_a_very_long_name_" * 4), agent="an_agent_with_a_long_name_" * 3)
    done = ae("ops", "runbooks")
    assert max(map(len, done.out.splitlines())) <= 80
    assert "nobody owns it" in done.out


def test_a_game_day_has_owners_and_rollbacks(ae, tmp_path):
    """Its plan's owner and remedy, and the experiment's rollbacks, stand in the runbook of what it showed."""
    (ae.folder / "pyproject.toml").write_text('[tool.agentops]\nagent_name = "desk"\n', encoding="utf-8")
    (ae.folder / "day.yaml").write_text(
        "title: day\nowner: role:lead\nexperiments: [{experiment: one.yaml}]\n"
    )
    (ae.folder / "one.yaml").write_text(
        "title: the order system is down\nremedy: call the shop\n"
        "method:\n- type: action\n  name: it is down\n  provider: {type: agent, agent: 'cli_shop:refund', "
        "arguments: ['1042'], faults: [{fault: tool_error, target: get_order}]}\n"
        "rollbacks:\n- {type: action, name: start it again, provider: {type: process, path: 'true'}}\n"
    )  # fmt: skip
    ae("gameday", "run", "day.yaml")
    done = ae("ops", "runbooks", "--json").document
    (one,) = done["runbooks"]
    assert (one["agent"], one["causes"], one["dependencies"]) == ("desk", ["unavailable"], ["get_order"])
    text = Path(one["path"]).read_text(encoding="utf-8")
    for words in ("role:lead", "start it again", "call the shop", "agentops-eval chaos run"):
        assert words in text, words


def test_hostile_names_and_secrets(ae, desk):
    """A terminal is not painted over, no mark is forged, and what looks like a secret is in no file."""
    key = "sk-proj-" + "a1B2" * 12
    bad = f"\x1b[2J--> <!-- /generated title --> <script>{key}"
    explored(desk, impact(bad))
    done = ae("ops", "runbooks", "--html", "all.html")
    assert "\x1b" not in done.out
    assert ae("ops", "runbooks", "--check").code == 0
    for text in [*contents(desk / "runbooks").values(), (desk / "all.html").read_bytes()]:
        assert key.encode() not in text
        assert b"\x1b" not in text
        assert b"<script>sk" not in text


def test_nothing_read_is_no_success(ae):
    """An empty project has no runbook, no file, and exit code 1; a broken journal is named."""
    done = ae("ops", "runbooks")
    assert (done.code, "nothing was read" in done.out) == (1, True)
    assert not (ae.folder / "runbooks").exists()
    (ae.folder / ".agentops/journals").mkdir(parents=True)
    (ae.folder / ".agentops/journals/x.jsonl").write_bytes(b"\xff{\n")
    told = ae("ops", "runbooks", "--json").document
    assert [one["where"] for one in told["problems"]] == [".agentops/journals/x.jsonl"]
    missing = ae("ops", "runbooks", "nix.jsonl")
    assert (missing.code, "nix.jsonl" in missing.err) == (2, True)


def test_scorecards_see_which_failures_have_a_runbook(ae, desk):
    """The share is of what was shown, by ids: of two modes one has a whole runbook, until the other has."""

    def look() -> dict:
        ae("scorecard")
        items = ae("evidence", "list", "--kind", "project", "--json").document["items"]
        return [one for one in items if one["subject"] == "runbooks"][-1]

    assert look()["measures"]["covered_share"] == 0
    ae("ops", "runbooks")
    explored(desk, impact(), impact("send_email"))
    half = look()
    assert (half["verdict"], half["measures"]["covered_share"]) == ("pass", 0.5)
    modes = {
        one["dependencies"][0]: one["id"]
        for one in ae("ops", "runbooks", "--check", "--json").document["runbooks"]
    }
    by_hand = (
        f"# Mail\nOwner role:mail\n## Detection\nlook\n## Rollback\nnone\nCovers {modes['send_email']}\n"
    )
    (desk / "runbooks/mail.md").write_text(by_hand, encoding="utf-8")
    assert look()["measures"]["covered_share"] == 1
    (desk / "runbooks/mail.md").write_text(by_hand.replace("role:mail", "Maria"), encoding="utf-8")
    assert look()["measures"]["covered_share"] == 0.5


def test_keys_are_those_of_the_page(ae, desk):
    """Every key that it prints is documented, and the reverse."""
    ae("ops", "runbooks")
    (path,) = (one for one in (desk / "runbooks").iterdir() if one.name != "README.md")
    path.write_text(path.read_text(encoding="utf-8").replace("1. Let the", "1. Do let the"), encoding="utf-8")
    (desk / "x.jsonl").write_text('{"exploration": 1}\nnonsense\n', encoding="utf-8")
    explored(desk, impact(), impact("other", blast_radius={}))
    ae("ops", "runbooks")
    known = documented_keys()["ops runbooks"]
    assert printed_keys(ae("ops", "runbooks", "x.jsonl", "--json").document, known) == known
