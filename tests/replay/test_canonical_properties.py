"""Properties of the canonical form, over requests of any shape."""

from __future__ import annotations

import json
import random

from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.domain import HttpRequest, ToolRequest
from agentops_eval.replay._canonical import canonical_request
from agentops_eval.replay._rules import MatchRules
from agentops_eval.traces.redaction import Redactor
from tests.replay._kit import event, key, post

RULES = MatchRules(
    ignore=("$.skip", "$..volatile", "$.list[1]"), ignore_query=("skip",), headers=("x-tenant",)
)
REDACTOR = Redactor()

names = st.sampled_from(["a", "b", "id", "skip", "volatile", "list", "content"]) | st.text(max_size=6)
leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12)
trees = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=4),
    max_leaves=12,
)
ids = st.sampled_from([f"call_{n}" for n in range(4)])
calls = st.builds(
    lambda i, a: {"id": i, "function": {"name": "f", "arguments": json.dumps(a)}},
    ids,
    st.dictionaries(names, leaves),
)
messages = st.lists(
    st.fixed_dictionaries({"role": st.just("assistant"), "tool_calls": st.lists(calls, max_size=3)})
    | st.fixed_dictionaries({"role": st.just("tool"), "tool_call_id": ids, "content": st.text(max_size=5)})
    | trees,
    max_size=5,
)
bodies = st.fixed_dictionaries({"messages": messages}, optional={"skip": trees, "extra": trees})
parts = st.lists(
    st.tuples(st.text(st.characters(codec="latin-1"), max_size=20), st.binary(max_size=20)), max_size=3
)


@st.composite
def multiparts(draw: st.DrawFn) -> bytes:
    fence = draw(st.sampled_from([b"x", b"agentops-boundary", b"a b"]))
    body = b"".join(
        b"--%b\r\n%b\r\n\r\n%b\r\n" % (fence, head.encode("latin-1"), content)
        for head, content in draw(parts)
    )
    return body + b"--%b--\r\n" % fence


contents = (
    bodies.map(lambda body: json.dumps(body).encode())
    | trees.map(lambda tree: json.dumps(tree).encode())
    | multiparts()
    | st.binary(max_size=40)
    | st.text("ab=&%+1C3é ", max_size=30).map(str.encode)
)
urls = st.text("abAB:/?#@%&=+.é[]{}2F7e ", max_size=30).map(lambda tail: f"https://h{tail}") | st.text(
    max_size=20
)
headers = st.lists(
    st.tuples(
        st.sampled_from(["content-type", "X-Tenant", "content-encoding", "accept"]),
        st.sampled_from(
            ["application/x-www-form-urlencoded; charset=utf-8", "application/json", "gzip", " a "]
        ),
    ),
    max_size=3,
).map(tuple)
requests = st.builds(
    HttpRequest, method=st.sampled_from(["get", "POST"]), url=urls, headers=headers, body=contents
)


@given(requests, st.booleans())
def test_canonical_http_is_idempotent(request, any_host) -> None:
    """The canonical form of a canonical request is that request."""
    rules = MatchRules(
        ignore=RULES.ignore, ignore_query=RULES.ignore_query, headers=RULES.headers, any_host=any_host
    )
    once = canonical_request(request, rules=rules, redactor=REDACTOR)
    assert canonical_request(once, rules=rules, redactor=REDACTOR) == once


@given(st.dictionaries(names, trees, max_size=4))
def test_canonical_tools_are_idempotent(arguments) -> None:
    """The same holds for tools; nan is compared by its text."""
    request = ToolRequest(name="t", arguments=arguments)
    once = canonical_request(request, rules=RULES, redactor=REDACTOR)
    assert repr(canonical_request(once, rules=RULES, redactor=REDACTOR)) == repr(once)


def _shuffled(tree, rng: random.Random):
    if isinstance(tree, dict):
        items = [(name, _shuffled(value, rng)) for name, value in tree.items()]
        rng.shuffle(items)
        return dict(items)
    return [_shuffled(item, rng) for item in tree] if isinstance(tree, list) else tree


@given(bodies, st.randoms(use_true_random=False), st.sampled_from([None, 0, 3]))
def test_order_of_members_and_space_do_not_count(body, rng, indent) -> None:
    """However JSON is written down, it is the same request."""
    other = json.dumps(_shuffled(body, rng), indent=indent, ensure_ascii=rng.random() < 0.5)
    assert key(post(body)) == key(post(other.encode("utf-8", "surrogatepass")))


@given(messages, st.permutations(range(4)))
def test_renaming_ids_does_not_count(history, order) -> None:
    """Ids that a provider drew otherwise, the same one wherever it is quoted, ask the same."""
    text = json.dumps({"messages": history})
    for number, place in enumerate(order):
        text = text.replace(f'"call_{number}"', f'"new_{place}"')
    assert key(post({"messages": history})) == key(post(text.encode()))


secrets = st.sampled_from(
    ["sk-proj-" + "a1B2" * 12, "sk-ant-api03-" + "Zz9_" * 20 + "AA", "ghp_" + "aB3d" * 9]
)
secretive = st.recursive(
    secrets | secrets.map(lambda s: f"my key: {s}, see?") | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["a", "b", "api_key", "password"]), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(secretive, secrets, secrets)
def test_what_is_stored_has_the_key_of_what_was_sent(body, auth, token) -> None:
    """A request redacts, event and all, to one with the same key, whoever redacted it before."""
    sent = HttpRequest(
        method="POST",
        url=f"https://h/v1?key={token}&a=1",
        headers=(("authorization", f"Bearer {auth}"), ("content-type", "application/json")),
        body=json.dumps(body).encode(),
    )
    stored = Redactor().event(event(0, sent, answer=f"you said {auth}"))
    assert auth not in repr(stored)
    assert key(stored.request) == key(sent)
    spoken = ToolRequest(name="t", arguments={"said": body})
    assert key(Redactor().event(event(0, spoken)).request) == key(spoken)
