"""What a scenario file says becomes a suite, and everything that is wrong with it is said at once."""

from __future__ import annotations

import json

import pytest

from agentops_eval.domain import ApprovalScript, ScenarioInvalid, SimulatedUser, World
from agentops_eval.evals.suites import together
from tests.evals.suites._kit import read, suite, wrong

WHOLE = """
suite: shop/refunds
agent: shop:refund
variables: {who: Ann, order: 1}
defaults:
  tags: [smoke, refunds]
  segments: {language: en, tier: gold}
  parameters: {depth: 1}
  budget: {cost_usd: 0.1, steps: 9}
  repeat: 3
  expect: {completes: , answer_contains: hello}
  world: {files: {a.txt: hi}}
scenarios:
  - title: "Where's the Order?"
    input: "{{who}}: where is it?"
  - id: second
    agent: shop:other
    input: [one, {two: 2}]
    tags: [slow, smoke]
    segments: {tier: 2}
    parameters: {width: 2}
    budget: {steps: 3}
    repeat: null
    timeout_s: 1.5
    world:
    skip: waits for the new API
    expect: {answer_contains: bye}
"""


def test_a_scenario_has_its_own_fields_and_the_defaults():
    """Mappings are put together, tags added, evaluators replaced, and null takes a default back."""
    found = suite(WHOLE)
    first, second = found.scenarios
    assert (found.name, found.path, first.suite) == ("shop/refunds", "scenarios/orders.yaml", "shop/refunds")
    assert (first.id, first.title, first.turns) == (
        "where-s-the-order",
        "Where's the Order?",
        ("Ann: where is it?",),
    )
    assert (first.agent, first.repeat, first.world) == (
        "shop:refund",
        3,
        World(kind="files", setup={"a.txt": "hi"}),
    )
    assert (second.agent, second.repeat, second.world) == ("shop:other", 1, None)
    assert (second.turns, second.timeout_s, second.skip) == (
        ("one", {"two": 2}),
        1.5,
        "waits for the new API",
    )
    assert second.tags == ("smoke", "refunds", "slow")
    assert second.segments == {"language": "en", "tier": "2"}
    assert second.parameters == {"depth": 1, "width": 2}
    told = [(one.evaluator, one.arguments) for one in second.expect]
    assert told == [
        ("completes", None),
        ("answer_contains", "bye"),
        ("budget", {"cost_usd": 0.1, "steps": 3}),
    ]


def test_everything_says_where_it_stands():
    """A scenario names its file and line, an expectation its field as well, be it in the defaults."""
    first, second = suite(WHOLE).scenarios
    assert (first.where, second.where) == ("scenarios/orders.yaml:14", "scenarios/orders.yaml:16")
    assert [one.where for one in second.expect] == [
        "scenarios/orders.yaml:11 defaults.expect.completes",
        "scenarios/orders.yaml:27 scenarios[1].expect.answer_contains",
        "scenarios/orders.yaml:22 scenarios[1].budget",
    ]


@pytest.mark.parametrize(
    ("given", "turns"),
    [
        ("hello", ("hello",)),
        (["a", "b"], ("a", "b")),
        ({"q": [1]}, ({"q": [1]},)),
        ([[1, 2]], ([1, 2],)),
        (7, (7,)),
        (False, (False,)),
        (["a", None], ("a", None)),
    ],
    ids=str,
)
def test_an_input_is_a_text_a_list_of_turns_or_any_other_value(given, turns):
    """A list is several turns; anything else is the one turn, as it stands."""
    text = json.dumps({"scenarios": [{"id": "a", "input": given}]})
    assert suite(text, "a.json").scenarios[0].turns == turns


def test_users_and_approvers_are_read():
    """A simulated user with its rules, and scripts that answer approvals, take the place of plain words."""
    text = """
scenarios:
  - id: a
    user: {persona: tired, goal: money, opening: Hi, hidden: {order: 7}, llm: small, stop: bye, max_turns: 3,
           rules: [{when: which, say: seven, times: 2}]}
    approver: [{action: refund*, answer: modify, details: {amount: 1}, after_s: 2}, {answer: silent}]
  - {id: b, input: x, approver: reject}
"""
    first, second = suite(text).scenarios
    assert first.user == SimulatedUser(
        persona="tired",
        goal="money",
        opening="Hi",
        hidden={"order": 7},
        llm="small",
        stop="bye",
        max_turns=3,
        rules=({"when": "which", "say": "seven", "times": 2},),
    )
    assert first.approver == (
        ApprovalScript(action="refund*", answer="modify", details={"amount": 1}, after_s=2.0),
        ApprovalScript(answer="silent"),
    )
    assert (first.turns, second.user, second.approver) == ((), None, "reject")


def test_a_scenario_chooses_between_input_and_user_above_the_defaults():
    """Where the defaults have a user and a scenario an input, or the reverse, the scenario's counts."""
    text = "defaults: {user: {goal: g}}\nscenarios: [{id: a, input: x}, {id: b}]"
    assert [(one.turns, one.user is None) for one in suite(text).scenarios] == [(("x",), True), ((), False)]
    text = "defaults: {input: x}\nscenarios: [{id: a, user: {goal: g}}, {id: b}]"
    assert [(one.turns, one.user is None) for one in suite(text).scenarios] == [((), False), (("x",), True)]


def test_the_digest_is_that_of_what_is_said():
    """The same file as YAML, JSON and JSON lines, with comments or in another order, has one digest."""
    document = {"suite": "s", "scenarios": [{"id": "a", "input": "x", "tags": ["t"]}]}
    rows = '{"suite": "s"}\n{"input": "x", "id": "a", "tags": ["t"]}\n'
    texts = {
        "a.json": json.dumps(document),
        "b.json": json.dumps({"$schema": "s.json", **document}),
        "c.yaml": "# notes\nscenarios:\n- {tags: [t], input: x, id: a}\nsuite: s\n",
        "d.jsonl": rows,
    }
    digests = {suite(text, name).digest for name, text in texts.items()}
    assert len(digests) == 1
    assert digests != {suite(rows.replace('"x"', '"y"'), "d.jsonl").digest}


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ("nput: x", "scenarios[0].nput: there is no field \"nput\" of a scenario (did you mean 'input'?)"),
        (
            "name: x",
            'there is no field "name" of a scenario (write id, which never changes, or title)',
        ),
        (
            "repeat: three",
            'scenarios[0].repeat: "three" does not fit: a whole number is expected, not a text',
        ),
        ("repeat: 0", "scenarios[0].repeat: 0 does not fit: a whole number >= 1 is expected"),
        (
            "repeat: true",
            "scenarios[0].repeat: true does not fit: a whole number is expected, not true or false",
        ),
        ("timeout_s: 0", "scenarios[0].timeout_s: 0 does not fit: a number > 0.0 is expected"),
        (
            "tags: [a, [b]]",
            'scenarios[0].tags[1]: ["b"] does not fit: a whole number or a text is expected, not a list',
        ),
        (
            "segments: {a: []}",
            "scenarios[0].segments.a: [] does not fit: true or false, a number or a text is expected",
        ),
        ("agent: shop", 'scenarios[0].agent: "shop" does not fit: module:callable is expected'),
        (
            "approver: aprove",
            "scenarios[0].approver: there is no choice \"aprove\" (did you mean 'approve'?)",
        ),
        ("approver: [{answer: no}]", "scenarios[0].approver[0].answer: there is no choice"),
        ("approver: [{answer: modify}]", "scenarios[0].approver[0]: the answer modify needs details"),
        (
            "approver: [{answer: reject, details: 1}]",
            "scenarios[0].approver[0]: details belong to the answer modify",
        ),
        ("expect: {answer_contians: x}", "scenarios[0].expect.answer_contians: there is no evaluator"),
        (
            "expect: {answer_contains: {text: x}}",
            "answer_contains takes no argument 'text' (did you mean 'texts'?)",
        ),
        (
            "expect: {answer_contains: {texts: [1]}}",
            "scenarios[0].expect.answer_contains.texts[0]: answer_contains",
        ),
        ("expect: {answer_matches: (}", "scenarios[0].expect.answer_matches: answer_matches"),
        ("expect: {answer_contains: }", "scenarios[0].expect.answer_contains.texts: answer_contains"),
        ("expect: {completes: 1}", "scenarios[0].expect.completes: completes takes no arguments"),
        ("expect: {shop.checks: x}", 'scenarios[0].expect."shop.checks": there is no evaluator'),
        ("expect: {a:b:c: x}", "is no module:callable"),
        ("expect: [{completes: , budget: 1}]", "scenarios[0].expect[0]: "),
        ("expect: x", 'scenarios[0].expect: "x" does not fit: '),
        (
            "world: {sqlit: {}}",
            "scenarios[0].world.sqlit: there is no world \"sqlit\" (did you mean 'sqlite'?)",
        ),
        ("world: {sqlite: [1]}", "scenarios[0].world.sqlite: the set-up of a world is a mapping, not [1]"),
        ("world: {sqlite: {}, files: {}}", "scenarios[0].world: "),
        ("skip: ' '", "scenarios[0].skip: a scenario is not skipped without a reason (skip: why)"),
        ("input: []", "scenarios[0].input: there is no turn in the list"),
        ("user: {goal: x}", "scenarios[0].input: a scenario has input or a user, not both"),
        ("foreach: []", "scenarios[0].foreach: the table has no rows"),
        ("foreach: [{a b: 1}]", 'scenarios[0].foreach: the column "a b" cannot be the name of a variable'),
        ("foreach: [{id: a b}]", 'scenarios[0].foreach: the row\'s id "a b" does not do'),
        ("foreach: [{id: x}, {id: X}]", "differ in capitals alone"),
        ("variables: {a b: 1}", 'scenarios[0].variables."a b": "a b" cannot be the name of a variable'),
    ],
    ids=lambda one: one[:28],
)
def test_what_is_wrong_with_a_scenario_is_said_with_its_path(field, said):
    """Each mistake is named with file, line and path, what is expected, and the nearest valid name."""
    asks = "" if field.startswith("input") else "\n    input: hello"
    (first, *_) = wrong(f"scenarios:\n  - id: a{asks}\n    {field}\n")
    assert first.startswith("scenarios/orders.yaml:")
    assert said in first


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("scenarios: []", "scenarios: [] does not fit"),
        ("scenarios: {a: 1}", 'scenarios: {"a": 1} does not fit: a list is expected, not a mapping'),
        ("scenarios:", "scenarios: there is nothing where a list is expected"),
        ("suit: a\nscenarios: [{id: a, input: x}]", "did you mean 'suite'?"),
        ("suite: ../a\nscenarios: [{id: a, input: x}]", "suite: "),
        ("agent: a\n", "a scenario file lacks scenarios (scenarios: ...)"),
        ("- id: a\n", "a scenario file is a mapping, not"),
        ("scenarios: [7]", "scenarios[0]: a scenario is a mapping, not 7"),
        ("scenarios: [{input: x}]", "the scenario has neither id nor title (id: what-it-is-about)"),
        ("scenarios: [{title: 退款, input: x}]", 'the title "退款" gives no id'),
        ("scenarios: [{id: a b, input: x}]", "scenarios[0].id: "),
        ("scenarios: [{id: a}]", "neither what the user asks nor who the user is"),
        ("scenarios: [{id: a, input: x}, {id: a, input: y}]", 'the id "a" is there twice, first on line 1'),
        ("scenarios: [{id: a, input: x}, {title: A, input: y}]", 'the id "a" is there twice'),
        ("scenarios: [{id: a, input: x}, {id: A, input: y}]", 'the ids "a" and "A" differ in capitals alone'),
        ("defaults: {id: a}\nscenarios: [{id: a, input: x}]", "defaults.id: id belongs to one scenario"),
        ("defaults: {tag: a}\nscenarios: [{id: a, input: x}]", "defaults.tag: there is no field"),
        ("scenarios: [{id: a, user: {}}]", "scenarios[0].user: nothing tells what the user says"),
        (
            "scenarios: [{id: a, user: {goal: x, stop: (}}]",
            'scenarios[0].user.stop: "(" is no regular expression',
        ),
        ("scenarios: [{id: a, user: {rules: [{when: '[', say: x}]}}]", "scenarios[0].user.rules[0].when: "),
        ("scenarios: [{id: a, user: {rules: [{when: x}]}}]", "scenarios[0].user.rules[0]: a rule lacks say"),
        (
            "scenarios: [{id: a, input: x, foreach: t.csv}]",
            'the table "t.csv" is a file, and none can be read here',
        ),
    ],
    ids=lambda one: one[:40],
)
def test_what_is_wrong_with_a_file_is_said_with_its_path(text, said):
    """What concerns the whole file, or scenarios beside each other, is named in the same way."""
    assert any(said in one for one in wrong(text))


def test_all_problems_of_a_file_are_said_in_the_order_of_its_lines_and_bounded():
    """Twenty problems are told and the others counted; one that a table repeats is told once."""
    rows = "".join(f"  - {{id: s{number}, input: x, nput: y}}\n" for number in range(30))
    found = wrong(f"scenarios:\n{rows}matrix: {{axes: {{}}, foo: 1}}\n")
    assert len(found) == 21
    lines = [int(one.split(":")[1].split()[0]) for one in found[:-1]]
    assert lines == sorted(lines)
    assert "11 more problems in the file" in found[-1]
    table = "scenarios: [{id: a, input: x, foreach: [{a: 1}, {a: 2}, {a: 3}], expect: {nope: 1}}]"
    assert len(wrong(table)) == 1


def test_several_problems_can_be_one_error():
    """Where one error has to be raised, it lists all of them; one alone is itself."""
    problems = read("scenarios: [{id: a, nput: x}, {id: b, repeat: x}]").problems
    assert len(problems) == 4
    error = together(problems)
    assert isinstance(error, ScenarioInvalid)
    assert (error.what, error.where) == ("4 problems in the scenario file", "scenarios/orders.yaml")
    assert "scenarios/orders.yaml:1 scenarios[0].nput: there is no field" in error.difference
    assert together(problems[:1]) is problems[0]


def test_evaluators_of_the_users_are_not_imported():
    """Reading a suite runs nothing of the user's: a module that is not there is no problem yet."""
    text = """
agent: no.such:agent
scenarios: [{id: a, input: x, expect: {no.such:check: {a: 1}}, world: {no.such:world: }}]
"""
    (scenario,) = suite(text).scenarios
    assert (scenario.agent, scenario.expect[0].evaluator) == ("no.such:agent", "no.such:check")
    assert scenario.world == World(kind="no.such:world")


def test_a_callable_argument_of_an_evaluator_is_named_and_not_imported():
    """An embedder is module:callable, which is imported when the suite runs; anything else is refused."""
    text = "scenarios: [{id: a, input: x, expect: {answer_similar: {expected: y, embedder: %s}}}]"
    assert suite(text % "no.such:embedder").scenarios[0].expect[0].evaluator == "answer_similar"
    assert len(wrong(text % "embedder")) == 1
