"""``gate plan`` and ``gate simulate``: a gate is tried before it is needed."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

if TYPE_CHECKING:
    from tests.cli._kit import Commands

SMALLEST = "metrics: [{name: passed, kind: binary, margin: 0.05}]\n"


@pytest.fixture
def folder(ae: Commands) -> Commands:
    """A folder with the smallest gate."""
    (ae.folder / "gate.yaml").write_text(SMALLEST, encoding="utf-8")
    return ae


def test_a_plan_says_the_known_sizes(folder: Commands):
    """The table and the JSON have the 495 pairs that rule out five points, and the 118 that show ten."""
    told = folder("gate", "plan")
    assert told.code == 0
    assert "495" in told.out
    assert "118" in told.out
    promote, rollback = folder("gate", "plan", "gate.yaml", "--json").document["rows"]
    assert (promote["fixed"], rollback["fixed"], rollback["effect"]) == (495, 118, -0.1)
    assert promote["median"] < promote["n80"]


def test_harm_can_be_named_and_sizes_simulated(folder: Commands):
    """Twenty points need 25 pairs once, and about twice as many at any look."""
    found = folder("gate", "plan", "--harm", "-0.2", "--repetitions", "100", "--json")
    rollback = found.document["rows"][1]
    assert (rollback["effect"], rollback["fixed"]) == (-0.2, 25)
    assert 25 < rollback["n80"] < 100
    assert folder("gate", "plan", "--harm", "0.2").code == 2


def test_a_simulation_prints_what_became_of_each_candidate(folder: Commands):
    """Every usual candidate has a line with its shares and their exact intervals."""
    told = folder("gate", "simulate", "--repetitions", "20", "--n", "60")
    assert told.code == 0
    for name in ("better by a margin", "identical", "exactly at the margin", "four times the margin"):
        assert name in told.out
    assert "20 rollouts of each candidate" in told.out


def test_a_simulation_as_json_is_the_same_for_the_same_seed(folder: Commands):
    """Shares add up to one, and the seed decides."""
    asked = (
        "gate",
        "simulate",
        "gate.yaml",
        "--effect",
        "-0.3",
        "--effect",
        "0",
        "--repetitions",
        "40",
        "--json",
    )
    one, again = folder(*asked).document, folder(*asked).document
    assert one == again
    harmed, same = one["candidates"]
    assert [harmed["name"], same["name"]] == ["effect -0.3", "identical"]
    assert harmed["rollback"]["share"] == 1
    assert harmed["median_interval"][0] <= harmed["median_n"] <= harmed["median_interval"][1]
    assert sum(same[side]["share"] for side in ("promote", "hold", "rollback")) == pytest.approx(1)
    assert folder(*asked, "--seed", "9").document["candidates"] != one["candidates"]


def test_a_simulation_is_drawn_in_a_file_for_itself(folder: Commands):
    """The SVG is well-formed, names its figures in words, and loads nothing; the page holds it too."""
    asked = ("gate", "simulate", "--repetitions", "20", "--n", "40")
    assert folder(*asked, "--plot", "out/gate.svg").code == 0
    picture = (folder.folder / "out" / "gate.svg").read_text(encoding="utf-8")
    root = ET.fromstring(picture)
    assert len(root.findall(".//{http://www.w3.org/2000/svg}polyline")) == 4
    assert "identical: promote" in picture
    assert folder(*asked, "--plot", "gate.html").code == 0
    page = (folder.folder / "gate.html").read_text(encoding="utf-8")
    assert "<svg" in page
    assert "exactly at the margin</th>" in page
    for text in (picture, page):
        assert "href" not in text
        assert "src=" not in text


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--plot", "gate.png"), "neither .svg nor .html"),
        (("--repetitions", "0"), "repetitions"),
        (("--discordance", "1.5"), "discordance"),
        (("--effect", "nan"), "no finite number"),
        (("missing.yaml",), "missing.yaml"),
    ],
    ids=str,
)
def test_what_cannot_be_simulated_is_refused(folder: Commands, words: tuple[str, ...], said: str):
    """Other pictures, no repetition, shares above one and gates that are not there are usage errors."""
    found = folder("gate", "simulate", *words)
    assert found.code == 2
    assert said in found.err


def test_a_picture_does_not_replace_the_gate(folder: Commands):
    """A gate file is never written over, whatever its name."""
    (folder.folder / "gate.svg").write_text(SMALLEST, encoding="utf-8")
    found = folder("gate", "simulate", "gate.svg", "--plot", "gate.svg", "--repetitions", "5", "--n", "30")
    assert found.code == 2
    assert (folder.folder / "gate.svg").read_text(encoding="utf-8") == SMALLEST


def test_a_gate_that_compares_nothing_is_refused(folder: Commands):
    """With all traffic there is no baseline: nothing to plan, nothing to simulate."""
    text = SMALLEST + "stages: [{name: all, share: 1.0}]\n"
    (folder.folder / "all.yaml").write_text(text, encoding="utf-8")
    for command in ("plan", "simulate"):
        found = folder("gate", command, "all.yaml")
        assert found.code == 2
        assert "no baseline to compare with" in found.err
