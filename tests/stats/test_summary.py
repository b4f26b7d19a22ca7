"""Many trials summed up."""

from __future__ import annotations

import json
import os
import tarfile
from collections.abc import Iterable
from fractions import Fraction
from math import comb
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.domain import ErrorSource, Sample
from agentops_eval.stats import clustered_rate, summarise, wilson

SUITES = st.dictionaries(
    st.text(min_size=1, max_size=5), st.lists(st.booleans(), min_size=1, max_size=8), min_size=1
)


def samples(cases: dict[str, Iterable[bool | None]]) -> list[Sample]:
    return [
        Sample(case=case, trial=trial, passed=passed)
        for case, outcomes in cases.items()
        for trial, passed in enumerate(outcomes)
    ]


@given(SUITES)
def test_rates_are_those_of_their_parts(cases: dict[str, list[bool]]):
    """Wilson takes all trials, the clustered limits and pass^k take cases, up to the fewest trials."""
    found = summarise(samples(cases))
    counts = [(sum(outcomes), len(outcomes)) for outcomes in cases.values()]
    passed, trials = map(sum, zip(*counts, strict=True))
    assert (found.wilson, found.clustered) == (wilson(passed, trials), clustered_rate(counts))
    assert list(found.pass_hat_k) == list(found.pass_at_k) == list(range(1, found.fewest + 1))
    assert found.fewest == min(n for _, n in counts)
    for k, value in found.pass_hat_k.items():
        assert value == sum(Fraction(comb(c, k), comb(n, k)) for c, n in counts) / len(counts)
        assert value <= found.pass_hat_k[1] == found.pass_at_k[1] <= found.pass_at_k[k]


def test_a_case_that_lost_its_trials_bounds_k():
    """Three of four trials lost to the infrastructure leave k = 1; a case that lost all is in no rate."""
    lost = [Sample(case="b", trial=at, error=ErrorSource.INFRASTRUCTURE) for at in (2, 3, 4)]
    gone = [Sample(case="c", trial=1, error=ErrorSource.JUDGE)]
    found = summarise([*samples({"a": [True] * 4}), Sample(case="b", passed=False), *lost, *gone])
    assert dict(found.pass_hat_k) == {1: Fraction(1, 2)}
    assert set(found.collapsed.judged) == {"a", "b"}


def test_k_is_bounded():
    """A thousand trials give no thousand rows unless they are asked for."""
    many = samples({"a": [True, False] * 500})
    assert (summarise(many).most_k, summarise(many, most_k=3).most_k) == (100, 3)
    assert summarise(many, most_k=5000).most_k == 1000
    with pytest.raises(ValueError, match="at least 1"):
        summarise(many, most_k=0)


@pytest.mark.parametrize("given", [[], [Sample(case="a")], [Sample(case="a", error=ErrorSource.SIMULATOR)]],
                         ids=["nothing", "unknown", "excluded"])  # fmt: skip
def test_without_a_judged_trial_there_is_no_rate(given: list[Sample]):
    """Missing data is no rate of 0, and no rate of 1."""
    found = summarise(given)
    assert (found.wilson, found.clustered, found.most_k, found.fewest) == (None, None, 0, 0)


@pytest.mark.skipif("AGENTOPS_DEV_DATA" not in os.environ, reason="AGENTOPS_DEV_DATA names no folder")
def test_tau_bench_has_its_published_figures():
    """pass^k and pass@k of 25 tasks with four trials each are exactly C(c, k) / C(n, k) and its kin."""
    with tarfile.open(Path(os.environ["AGENTOPS_DEV_DATA"]) / "tau-bench" / "runs.tar.xz") as tar:
        texts = [file.read().decode() for one in tar if (file := tar.extractfile(one)) is not None]
    runs = [json.loads(line) for text in texts for line in text.splitlines()]
    trials = [
        Sample(case=str(run["task_id"]), trial=run["trial"], passed=run["reward"] == 1.0) for run in runs
    ]
    found = summarise(trials)
    successes = [sum(one.passed is True for one in trials if one.case == str(task)) for task in range(25)]
    for k in range(1, 5):
        assert found.pass_hat_k[k] == Fraction(sum(comb(c, k) for c in successes), 25 * comb(4, k))
        assert found.pass_at_k[k] == 1 - Fraction(sum(comb(4 - c, k) for c in successes), 25 * comb(4, k))
    assert [round(float(value), 4) for value in found.pass_hat_k.values()] == [0.31, 0.1933, 0.17, 0.16]
    assert [round(float(value), 4) for value in found.pass_at_k.values()] == [0.31, 0.4267, 0.52, 0.6]
    assert (len(found.collapsed.judged), found.collapsed.trials) == (25, 100)
