"""Files of both arms become the samples of one decision."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agentops_eval.domain import Arm, DecisionValue, GateInvalid, SamplesInvalid
from agentops_eval.gate import GateFile, JudgeTrust, read_gate
from agentops_eval.harness.gating import (
    Source,
    decide_files,
    gather,
    load_gate,
    plan_order,
    read_order,
    read_trusts,
    source_of,
)

GATE = b"""
metrics:
  - {name: passed, kind: binary, margin: 0.05}
  - {name: helpful, kind: bounded, margin: 0.1, judge: helpfulness}
stages: [{name: shadow}, {name: half, share: 0.5}]
"""


@pytest.fixture
def gate() -> GateFile:
    """A gate of two stages, with a judged metric."""
    return read_gate(GATE, "gate.yaml")


def rows(path: Path, *told: dict[str, object]) -> Path:
    path.write_text("".join(f"{json.dumps(one)}\n" for one in told), encoding="utf-8")
    return path


def test_samples_of_all_files_come_in_their_order(gate: GateFile, tmp_path: Path):
    """Each has the arm and the stage of its source, unless its row tells a stage of its own."""
    first = rows(tmp_path / "a.jsonl", {"case": "x", "passed": True, "helpful": 1})
    second = rows(tmp_path / "b.jsonl", {"case": "y", "passed": True, "helpful": 1, "stage": "half"})
    found = gather(
        gate,
        [
            Source(arm=Arm.BASELINE, path=first, stage="shadow"),
            Source(arm=Arm.CANDIDATE, path=second, stage="shadow"),
        ],
    )
    told = [(one.arm, one.case, one.stage) for one in found.samples]
    assert told == [("baseline", "x", "shadow"), ("candidate", "y", "half")]
    assert found.doubts == ()


def test_a_metric_that_no_row_has_is_told_with_the_file(gate: GateFile, tmp_path: Path):
    """The reason names the file, and the column that may have been meant."""
    path = rows(tmp_path / "a.jsonl", {"case": "x", "passed": True, "helpfull": 1})
    (doubt,) = gather(gate, [Source(arm=Arm.BASELINE, path=path)]).doubts
    assert (doubt.code, doubt.metric, doubt.blocks) == ("column", "helpful", True)
    assert "a.jsonl" in doubt.message
    assert "name: helpfull" in doubt.remedy


@pytest.mark.parametrize("other", ["b.jsonl", "here/../b.jsonl", "hard.jsonl", "soft.jsonl"])
def test_one_file_is_not_of_both_arms(gate: GateFile, tmp_path: Path, other: str):
    """What is compared with itself would be promoted, whatever it is."""
    file = rows(tmp_path / "b.jsonl", {"case": "a", "passed": True})
    (tmp_path / "here").mkdir()
    (tmp_path / "hard.jsonl").hardlink_to(file)
    (tmp_path / "soft.jsonl").symlink_to(file)
    both = [Source(arm=Arm.BASELINE, path=file), Source(arm=Arm.CANDIDATE, path=tmp_path / other)]
    with pytest.raises(SamplesInvalid, match="are the same file") as caught:
        gather(gate, both)
    assert str(tmp_path / other) in caught.value.difference
    assert len(gather(gate, [both[0], both[0]]).samples) == 2


def test_a_gate_file_without_an_end_is_refused():
    """No more of it is read than a gate file may have."""
    with pytest.raises(GateInvalid, match="a gate file may have"):
        load_gate(Path("/dev/zero"))


def test_a_torn_line_is_told_and_holds_nothing(gate: GateFile, tmp_path: Path):
    """What a crash cut off is left out and said, and is no reason against the rest."""
    path = rows(tmp_path / "a.jsonl", {"case": "x", "passed": True, "helpful": 1})
    with path.open("a", encoding="utf-8") as file:
        file.write('{"case": "y", "pas')
    (doubt,) = gather(gate, [Source(arm=Arm.BASELINE, path=path)]).doubts
    assert not doubt.blocks
    assert "a.jsonl" in doubt.message


def test_a_source_is_a_file_or_a_stage_with_a_file(gate: GateFile, tmp_path: Path):
    """A name with an equals sign is a file where there is such a file, else the stage stands before it."""
    there = rows(tmp_path / "half=b.jsonl", {"case": "x"})
    assert source_of(gate, Arm.BASELINE, str(there)).path == there
    assert source_of(gate, Arm.BASELINE, "half=b.jsonl").stage == "half"
    assert source_of(gate, Arm.BASELINE, "b.jsonl", stage="shadow").stage == "shadow"
    with pytest.raises(SamplesInvalid, match="no stage 'hal'"):
        source_of(gate, Arm.BASELINE, "hal=b.jsonl")


def test_judges_are_trusted_by_their_calibrations(gate: GateFile, tmp_path: Path):
    """One that is not there is not known; one that cannot be read is not trusted, and says so."""
    assert read_trusts(gate.gate, tmp_path) == {}
    file = tmp_path / "helpfulness.calibration.json"
    file.write_text("{")
    assert not read_trusts(gate.gate, tmp_path)["helpfulness"].trusted
    told = {"name": "helpfulness", "trusted": True, "rubric": "r", "llm": "l"}
    file.write_text(json.dumps(told))
    assert read_trusts(gate.gate, tmp_path) == {"helpfulness": JudgeTrust(trusted=True)}


def test_decisions_of_files_are_those_of_their_samples(gate: GateFile, tmp_path: Path):
    """Two files give a decision, with the judge that is not calibrated as a reason."""
    sources = [
        Source(arm=arm, path=rows(tmp_path / f"{arm}.jsonl", {"case": "x", "passed": True, "helpful": 1}))
        for arm in Arm
    ]
    found = decide_files(gate, sources, root=tmp_path)
    assert found.value is DecisionValue.HOLD
    assert "judge-untrusted" in [reason.code for reason in found.reasons]
    assert found == decide_files(gate, sources, root=tmp_path)


def test_a_gate_that_is_not_there_is_an_error_with_the_smallest_one(tmp_path: Path):
    """The error says what the smallest gate file is."""
    with pytest.raises(GateInvalid, match=r"margin: 0\.05"):
        load_gate(tmp_path / "gate.yaml")


def test_an_order_belongs_to_its_gate_file(gate: GateFile, tmp_path: Path):
    """An order that was written for another gate file is refused."""
    other = read_gate(GATE + b"seed: 3\n", "gate.yaml")
    order = plan_order(other, ["b", "a", "c"])
    path = tmp_path / "order.json"
    path.write_text(
        json.dumps({**{k: getattr(order, k) for k in order.__slots__}, "cases": list(order.cases)})
    )
    assert list(read_order(path, other)) == list(order.cases)
    with pytest.raises(SamplesInvalid, match="its gate file is another"):
        read_order(path, gate)
    with pytest.raises(SamplesInvalid, match="cannot be read"):
        read_order(tmp_path / "gone.json", gate)


def test_a_limit_is_not_looked_for_in_the_baseline(tmp_path: Path):
    """A column of a hard limit that the baseline's rows lack is no reason; in the candidate's it is one."""
    gate = read_gate(b"metrics: [{name: paid_twice, kind: limit}]", "gate.yaml")
    path = rows(tmp_path / "a.jsonl", {"case": "x", "passed": True})
    assert gather(gate, [Source(arm=Arm.BASELINE, path=path)]).doubts == ()
    (doubt,) = gather(gate, [Source(arm=Arm.CANDIDATE, path=path)]).doubts
    assert (doubt.code, doubt.metric) == ("column", "paid_twice")
