"""How what stands in a file becomes the arguments of an evaluator."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from agentops_eval.domain import Expectation, Json, Run, Scenario, ScenarioInvalid, Verdict, VerdictValue
from agentops_eval.evals import Evaluator, build

Judge = Callable[[str], bool]


def echo(
    world: Mapping[str, Json] | None = None, *, rows: str = "any", judge: Judge | None = None
) -> Evaluator:
    """Tell in its reason what it was given."""

    def evaluator(run: Run, scenario: Scenario) -> Verdict:
        said = f"{world} {rows} {judge and judge('x')}"
        return Verdict(value=VerdictValue.PASS, reason=said)

    return evaluator


def given(arguments: Json, **more: object) -> str:
    built = build(Expectation(evaluator="echo", arguments=arguments, where="a.yaml:1 echo"), echo, **more)
    return built(Run(scenario="x"), Scenario(id="x")).reason


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        pytest.param(None, "None any None", id="nothing"),
        pytest.param({"orders": []}, "{'orders': []} any None", id="the-main-one-alone"),
        pytest.param({"world": {"rows": 1}}, "{'rows': 1} any None", id="named"),
        pytest.param({"rows": "all"}, "None all None", id="others-alone"),
        pytest.param({"world": {}, "rows": "all"}, "{} all None", id="both"),
    ],
)
def test_a_mapping_is_the_main_argument_where_it_names_none(arguments, found):
    """What names arguments only is arguments."""
    assert given(arguments) == found


def test_a_mapping_that_is_neither_is_refused():
    """An argument beside what is none could mean either."""
    with pytest.raises(ScenarioInvalid, match=r"write world: \{\.\.\.\}") as caught:
        given({"orders": [], "rows": "all"})
    assert caught.value.where == "a.yaml:1 echo.rows"


def test_a_callable_is_found_by_its_name():
    """In a file it is ``module:callable``."""
    assert given({"judge": "shop:judge"}, resolve=lambda name: lambda text: name) == "None any shop:judge"


@pytest.mark.parametrize("name", [pytest.param("judge", id="no-colon"), pytest.param(3, id="no-text")])
def test_what_names_no_callable_is_refused(name):
    """The remedy says how to write it."""
    with pytest.raises(ScenarioInvalid, match="module:callable"):
        given({"judge": name}, resolve=lambda name: print)
