"""Tags and segments: no mean hides a part that got worse."""

from __future__ import annotations

import random

import pytest

from agentops_eval.domain import ChangeKind, Result
from agentops_eval.evals import compare
from tests.evals.comparing._kit import side


def languages(**letters: tuple[str, int]) -> list[Result]:
    """So many cases of each language, all with the same trials."""
    return [
        one
        for language, (trials, count) in letters.items()
        for one in side(
            {f"{language}{at}": trials for at in range(count)},
            segments={"language": language},
            tags=("shop",),
        )
    ]


def test_an_improving_mean_never_hides_a_worse_segment():
    """Twenty English cases improve, five German ones break: the mean rises, and German is named."""
    found = compare(languages(en=("f", 20), de=("p", 5)), languages(en=("p", 20), de=("f", 5)))
    assert found.overall.value == pytest.approx(0.6)
    assert [part.name for part in found.worse_parts] == ["language:de"]
    assert {part.name: part.kind for part in found.parts} == {
        "language:de": ChangeKind.REGRESSION,
        "language:en": ChangeKind.IMPROVEMENT,
        "tag:shop": ChangeKind.IMPROVEMENT,
    }


def test_a_segment_of_flaky_cases_is_worse_where_their_sum_says_so():
    """Twenty cases that each lost a little, none beyond noise by itself, are worse together."""
    found = compare(languages(de=("pppp", 20)), languages(de=("pppf", 20)))
    assert not found.regressions
    assert {part.name for part in found.worse_parts} == {"language:de", "tag:shop"}


def test_what_a_test_shows_is_told_from_what_is_worse_as_it_stands():
    """Of two cases one that broke proves nothing of others; ten that broke do."""
    for count, proven in ((1, False), (10, True)):
        base = side({f"c{at}": "p" for at in range(2 * count)}, tags=("t",))
        after = side({f"c{at}": "p" if at % 2 else "f" for at in range(2 * count)}, tags=("t",))
        found = compare(base, after)
        (part,) = found.worse_parts
        assert found.proves(part) is proven
        assert found.proves(part) == (part.difference.p_value <= found.alpha)
    assert not compare(base, after, alpha=0.0001).proves(part)


def test_few_flaky_cases_are_noise():
    """Two cases that lost one trial of four prove nothing."""
    found = compare(languages(de=("pppp", 2)), languages(de=("pppf", 2)))
    assert {part.kind for part in found.parts} == {ChangeKind.NOISE}


def test_a_loss_within_the_margin_is_let_pass():
    """One regressed case of forty is below five percent; of ten it is above."""
    many = compare(
        side({f"c{at}": "p" for at in range(40)}, tags=("t",)),
        side({f"c{at}": "p" if at else "f" for at in range(40)}, tags=("t",)),
    )
    assert [case.case for case in many.regressions] == ["c0"]
    assert [part.kind for part in many.parts] == [ChangeKind.NOISE]
    few = compare(side({"a": "p", "b": "p"}, tags=("t",)), side({"a": "f", "b": "p"}, tags=("t",)))
    assert [part.kind for part in few.parts] == [ChangeKind.REGRESSION]


def test_a_part_without_a_comparable_case_is_unknown():
    """A segment whose cases all need a recording is neither worse nor the same."""
    (part,) = compare(side({"a": "p"}, tags=("t",)), side({"a": "n"}, tags=("t",))).parts
    assert (part.kind, part.candidate.judged, part.candidate.left_out) == (ChangeKind.UNKNOWN, 0, 1)


def test_many_parts_are_corrected_for_their_number():
    """A segment that would be worse alone is noise as one of twenty."""
    rng = random.Random(5)
    before = {f"c{at}": "".join(rng.choice("ppf") for _ in range(6)) for at in range(12)}
    after = {case: letters[:4] + "ff" for case, letters in before.items()}
    alone = compare(side(before, tags=("t",)), side(after, tags=("t",)))
    others = [one for at in range(19) for one in side({f"o{at}": "pf"}, segments={"tenant": str(at)})]
    many = compare([*side(before, tags=("t",)), *others], [*side(after, tags=("t",)), *others])
    (part,) = [one for one in many.parts if one.name == "tag:t"]
    assert part.difference.p_value == pytest.approx(min(1, 20 * alone.parts[0].difference.p_value))
    assert "20 parts: p-values corrected by Holm" in many.notes


def test_equal_versions_seldom_have_worse_parts():
    """Of comparisons of a version with itself, over six segments, at most 5 of 100 call one worse."""
    rng, alarms, rounds = random.Random(6), 0, 200

    def drawn() -> list[Result]:
        return [
            one
            for at in range(60)
            for one in side(
                {f"c{at}": "".join("p" if rng.random() < 0.4 + at % 5 / 10 else "f" for _ in range(4))},
                segments={"tenant": str(at % 6)},
            )
        ]

    for _ in range(rounds):
        found = compare(drawn(), drawn())
        alarms += any(part.difference.p_value <= 0.05 for part in found.parts)
    assert alarms / rounds <= 0.08
