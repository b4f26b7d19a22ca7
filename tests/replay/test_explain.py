"""A miss says what comes nearest, what changed in it, and how to record again."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.domain import HandoffRequest, HttpRequest
from agentops_eval.replay._difference import ABSENT, differences, shown_path
from agentops_eval.replay._explain import ANY_HOST, explain, summarise
from agentops_eval.replay._shelf import Missed, Shelf
from agentops_eval.traces.redaction import Redactor
from tests.replay._kit import CHAT, RULES, call, chat, event, kept, post, shelf, use

LONG = "You are a clerk of the shop. {} Refund at most {} EUR without asking anybody. Never refund twice."


def ask(events, request, *before, **options):
    """The explanation of the miss of ``request`` after the calls ``before``."""
    shelved = shelf(events)
    for earlier in before:
        shelved.take(call(earlier, site="shop:ask:10"))
    missed = shelved.take(call(request, **options))
    assert isinstance(missed, Missed)
    return explain(missed, shelved, remedy="pytest tests/test_x.py::test_y --agentops-record=all")


def test_a_changed_prompt() -> None:
    """The message that changed is named with its role, and only what differs in it is shown."""
    prompts = [LONG.format("Hello.", amount) for amount in (50, 80)]
    recorded = [chat("a", system=prompts[0]), chat("a", "b", system=prompts[0])]
    explanation = ask(
        [event(i, r) for i, r in enumerate(recorded)],
        chat("a", "b", system=prompts[1]),
        recorded[0],
        site="shop.agent:refund:41",
    )
    assert str(explanation.miss()) == (
        "AE110 the recording has no answer for this call (drifted: another stands in its place)\n"
        f"  where: call 2, POST {CHAT}, from shop.agent:refund:41\n"
        "  nearest: recorded call 2 — same until messages[0] (system)\n"
        '    recorded  "... Refund at most 50 EUR without asking ..."\n'
        '    this run  "... Refund at most 80 EUR without asking ..."\n'
        "  counts: 2 recorded at this boundary, 1 of them given\n"
        "  fix:   pytest tests/test_x.py::test_y --agentops-record=all"
    )
    assert explanation.change == "messages[0] (system)"


def test_the_longest_common_history_is_nearest() -> None:
    """Of many calls the one that shares most messages is compared, not the one in the same place."""
    events = [event(0, chat("x")), event(1, chat("a", "b", "c")), event(2, chat("a"))]
    text = explain_text(ask(events, chat("a", "b", "C")))
    assert "recorded call 2 — same until messages[3] (user)" in text
    assert '"c"' in text
    assert '"C"' in text


def explain_text(explanation) -> str:
    return str(explanation.miss())


def test_one_message_more() -> None:
    """A history that goes on where the recording ends says so."""
    text = explain_text(ask([event(0, chat("a"))], chat("a", "again"), chat("a")))
    assert "recorded call 1 (given to call 1) — same until messages[2] (user)" in text
    assert "recorded  (absent)" in text


def test_a_place_inside_a_message() -> None:
    """The path inside the message is shown, down to a tool call's arguments."""
    made = [
        post(
            {
                "messages": [
                    {
                        "role": "assistant",
                        "tool_calls": [{"id": i, "function": {"arguments": json.dumps(arguments)}}],
                    }
                ]
            }
        )
        for i, arguments in (("call_1", {"order": 1, "amount": 59}), ("call_2", {"amount": 60, "order": 1}))
    ]
    text = explain_text(ask([event(0, made[0])], made[1]))
    assert "same until messages[0] (assistant), at tool_calls[0].function.arguments" in text
    assert '\\"amount\\":59' in text


def test_another_setting() -> None:
    """Where the messages agree, the member that differs is named, and further ones are listed."""
    text = explain_text(ask([event(0, chat("a", temperature=0))], chat("a", temperature=1, seed=7, top_p=1)))
    assert "nearest: recorded call 1 — differs at seed" in text
    assert "also      temperature, top_p" in text


def test_a_tool_with_other_arguments() -> None:
    """A tool call is compared by its arguments."""
    text = explain_text(ask([event(0, use("refund", order=1, amount=5))], use("refund", order=1, amount=500)))
    assert "differs at arguments.amount\n    recorded  5\n    this run  500\n" in text


def test_already_consumed() -> None:
    """An answer that is gone says how many there were and who got them."""
    text = explain_text(ask([event(0, chat("a")), event(1, chat("a"))], chat("a"), chat("a"), chat("a")))
    assert "already consumed" in text
    assert "recorded 2 times, and all are given" in text
    assert "recorded call 2 went to call 2 from shop:ask:10" in text


def test_a_stale_signature() -> None:
    """A tool whose signature changed shows both."""
    text = explain_text(
        ask([event(0, use("t", signature="(a: int)"))], use("t", signature="(a: int, b: str)"))
    )
    assert "the tool's signature changed since the recording" in text
    assert 'recorded  "(a: int)"' in text
    assert 'this run  "(a: int, b: str)"' in text


def test_an_unknown_tenant() -> None:
    """Where a header tells calls apart, its values are shown."""
    events = [event(i, replace(chat("a"), headers=(("x-tenant", f"t{i}"),))) for i in range(2)]
    text = explain_text(ask(events, replace(chat("a"), headers=(("x-tenant", "t9"),))))
    assert "header x-tenant" in text
    assert '"t0", "t1"' in text
    assert '"t9"' in text


def test_nothing_alike() -> None:
    """Where no call of that kind was recorded, what was recorded is listed."""
    assert "holds no tool call, but http POST" in explain_text(ask([event(0, chat("a"))], use("t")))
    assert "the recording holds no calls" in explain_text(ask([], use("t")))


def test_another_boundary_is_better_than_nothing() -> None:
    """The nearest call may stand at another boundary or span, which is said."""
    moved = replace(chat("a"), url="https://other.example.test/v1/chat/completions")
    text = explain_text(ask([event(0, moved, span="/x#0")], chat("a")))
    assert (
        "recorded call 1 (POST https://other.example.test/v1/chat/completions, in /x#0) — differs at url"
        in text
    )


def test_secrets_do_not_show() -> None:
    """What is compared is redacted, and so is the address."""
    secret = "sk-proj-" + "a1B2" * 12
    text = explain_text(ask([event(0, chat("a"))], replace(chat(secret), url=f"{CHAT}/{secret}")))
    assert secret not in text
    assert "[redacted:" in text


def test_many_misses_are_summed_up() -> None:
    """Several misses are told by what they have in common."""
    events = [event(i, chat(*"abcd"[: i + 1])) for i in range(4)]
    shelved = shelf(events)
    found = [shelved.take(call(chat(*"abcd"[: i + 1], system="Be long."))) for i in range(4)]
    found.append(shelved.take(call(use("t"))))
    text = summarise([explain(missed, shelved) for missed in found])
    assert text == "messages[0] (system) changed in 4 of 5 calls\nnot-recorded: 1 of 5 calls"
    assert summarise([]) == ""


def test_control_characters_are_escaped() -> None:
    """Nothing that a terminal would obey, or that hides text, gets through."""
    text = explain_text(ask([event(0, chat("a"))], chat("a\x1b[2J\u202e\u2028\r\nb\x7f"), site="x\x1b:1"))
    assert all(char.isprintable() or char == "\n" for char in text)
    assert "\\u001b[2J" in text


@pytest.mark.parametrize(
    ("recorded", "run"),
    [
        pytest.param(
            {"messages": [{"role": "user", "content": "x" * 3_000_000}]}, {"messages": []}, id="huge text"
        ),
        pytest.param(
            {"messages": [{"role": "user", "content": "a " * 500_000 + "b " * 500_000}]},
            {"messages": [{"role": "user", "content": "a " * 500_000 + "c " * 500_000}]},
            id="huge texts",
        ),
        pytest.param({"a": list(range(300_000))}, {"a": list(range(300_000, 0, -1))}, id="huge lists"),
        pytest.param(b"\x00\xff" * 1_000_000, b"\x00\xfe" * 1_000_000, id="huge bytes"),
        pytest.param({"x" * 100_000: 1}, {"y" * 100_000: 1}, id="huge names"),
    ],
)
def test_enormous_bodies_have_short_explanations(recorded, run) -> None:
    """However large a body is, what is said of it fits a screen."""
    text = explain_text(ask([event(0, post(recorded))], post(run)))
    assert len(text) < 3000
    assert len(text.splitlines()) < 15


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=15,
)
weird = st.binary(max_size=60) | json_values.map(lambda v: json.dumps(v).encode())
histories = st.fixed_dictionaries({"messages": json_values | st.lists(json_values, max_size=4)}).map(
    lambda v: json.dumps(v).encode()
)


@given(st.lists(weird | histories, max_size=3), weird | histories, st.text(max_size=20))
def test_no_body_breaks_an_explanation(recorded, asked, site) -> None:
    """Whatever is recorded and asked, there is an explanation, and it compared what it says."""
    shelved = shelf(event(i, post(body)) for i, body in enumerate(recorded))
    found = shelved.take(call(post(asked), site=site))
    if isinstance(found, Missed):
        text = str(explain(found, shelved).miss())
        assert "not compared" not in text
        assert all(char.isprintable() or char == "\n" for char in text)


def test_an_explanation_that_breaks_does_not_hide_the_miss() -> None:
    """Where the comparison itself fails, the miss is told all the same."""

    class Fragile(Redactor):
        """Redacts one request, and breaks from then on."""

        used = False

        def request(self, request):
            if self.used:
                raise RuntimeError
            self.used = True
            return request

        def text(self, text):
            raise RuntimeError

    keyed = kept((replace(event(0, chat("a")), key="k"),), rules=RULES.digest)
    shelved = Shelf(keyed, rules=RULES, redactor=Fragile())
    missed = shelved.take(call(chat("b")))
    text = explain_text(explain(missed, shelved))
    assert "not compared (RuntimeError)" in text
    assert "where: call 1, http" in text


def test_a_hand_off_is_compared_by_its_message() -> None:
    """Messages between agents are told apart like arguments."""
    made = [HandoffRequest(sender="a", recipient="b", message={"order": n}) for n in (1, 2)]
    assert "differs at message.order" in explain_text(ask([event(0, made[0])], made[1]))


@given(json_values, json_values)
def test_differences_are_those_that_are_there(left, right) -> None:
    """Two values have a difference exactly where they differ, and its path leads to both sides."""
    found = list(differences(left, right))
    assert list(differences(left, left)) == [] or "NaN" in json.dumps(left)
    if json.dumps(left) != json.dumps(right) and not found:
        assert left == right  # 0.0 and -0.0, or another order of members
    for one in found:
        for tree, side in ((left, one.recorded), (right, one.run)):
            assert repr(_follow(tree, one.path)) == repr(side)


def _follow(tree, path):
    for step in path:
        known = step < len(tree) if isinstance(tree, list) else step in tree
        if not known:
            return ABSENT
        tree = tree[step]
    return tree


def test_paths_read_as_people_write_them() -> None:
    """A path is written as in code, and a name that is none stands between quotes."""
    assert shown_path(("messages", 2, "content", 0, "a b")) == 'messages[2].content[0]["a b"]'


ELSEWHERE = "http://127.0.0.1:40123/v1/chat/completions"


@pytest.mark.parametrize("url", [ELSEWHERE, CHAT.replace(".test/", ".test:8443/")])
def test_only_the_host_differs(url: str) -> None:
    """Where any host would do, the fix is to say so, not to record again."""
    asked = replace(chat("a", "b"), url=url)
    explanation = ask([event(0, chat("a")), event(1, chat("a", "b"))], asked)
    assert explanation.remedy == ANY_HOST
    assert "nearest: recorded call 2" in explanation.difference
    assert "differs at url" in explanation.difference


@pytest.mark.parametrize(
    "asked",
    [
        replace(chat("another"), url=ELSEWHERE),
        replace(chat("a"), url=ELSEWHERE.replace("/v1", "/v2")),
        replace(chat("a"), method="PUT", url=ELSEWHERE),
        chat("another"),
    ],
)
def test_more_than_the_host_differs(asked: HttpRequest) -> None:
    """Any other difference leaves recording again as the fix."""
    assert "--agentops-record=all" in ask([event(0, chat("a"))], asked).remedy


def test_any_host_counts_without_the_host() -> None:
    """With any host allowed the recorded calls of other hosts count as of this boundary."""
    rules = replace(RULES, any_host=True)
    shelved = shelf([event(0, chat("a")), event(1, chat("b"))], rules=rules)
    missed = shelved.take(call(replace(chat("c"), url=ELSEWHERE)))
    assert isinstance(missed, Missed)
    explanation = explain(missed, shelved, remedy="record")
    assert "counts: 2 recorded at this boundary, 0 of them given" in explanation.difference
    assert explanation.remedy == "record"
