"""Two requests have the same key exactly where a person would call them the same."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys

import pytest

from agentops_eval.domain import (
    ApprovalRequest,
    ConfigInvalid,
    DrawRequest,
    Effect,
    HandoffRequest,
    HttpRequest,
    Seam,
    ToolRequest,
)
from agentops_eval.replay._canonical import raw_key
from agentops_eval.replay._rules import MatchRules
from tests.replay._kit import CHAT, chat, key, post, use

FORM = (("content-type", "application/x-www-form-urlencoded"),)


def get(url: str) -> HttpRequest:
    return HttpRequest(method="GET", url=url)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(get("https://h/a"), get("HTTPS://H:443/a"), id="scheme, host and default port"),
        pytest.param(get("http://h"), get("http://h:80/"), id="an empty path"),
        pytest.param(
            get("https://h/a?x=1&y=2"), get("https://h/a?y=2&x=1#top"), id="query order and fragment"
        ),
        pytest.param(get("https://h/%7Euser/%c3%a9"), get("https://h/~user/é"), id="percent spelling"),
        pytest.param(
            get("https://h/a?q=two+words"), get("https://h/a?q=two%20words"), id="spaces in a query"
        ),
        pytest.param(get("https://user:word@h/a"), get("https://h/a"), id="user part"),
        pytest.param(
            post(b'{"a":1,"b":[2]}'), post(b' {"b" : [2.0], "a": 1e0}'), id="JSON order, space, numbers"
        ),
        pytest.param(post(b'{"a":"\\u00e9"}'), post('{"a":"é"}'.encode()), id="JSON escapes"),
        pytest.param(post(b"a=1&b=x+y", headers=FORM), post(b"b=x%20y&a=1", headers=FORM), id="form order"),
        pytest.param(
            post({"a": 1, "idempotency_key": "k1"}), post({"a": 1, "idempotency_key": "k2"}), id="idempotency"
        ),
        pytest.param(
            post({"metadata": {"request_id": "1", "user": "u"}}),
            post({"metadata": {"request_id": "2", "user": "u"}}),
            id="the id of one attempt",
        ),
        pytest.param(
            post(b"{}", headers=(("user-agent", "a/1"), ("x-tenant", "t"))), post(b"{}"), id="headers"
        ),
        pytest.param(
            get("https://h/?api_key=abcdefgh12345678"), get("https://h/?api_key=zzzzzzzz12345678"), id="keys"
        ),
        pytest.param(
            use("t", a=1), use("t", a=1.0, effect=Effect.WRITE, signature="(a)"), id="a tool's effect"
        ),
        pytest.param(
            ToolRequest(name="t", arguments={"a": 1}, idempotency_key="k"), use("t", a=1), id="a tool's key"
        ),
        pytest.param(
            ApprovalRequest(action="refund", details={"a": 1}, deadline_s=5),
            ApprovalRequest(action="refund", details={"a": 1}),
            id="a deadline",
        ),
    ],
)
def test_what_is_the_same_has_one_key(one, other) -> None:
    """Spelling, order and what is drawn anew in every run do not change a key."""
    assert key(one) == key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(get("https://h/a"), get("http://h/a"), id="scheme"),
        pytest.param(get("https://h/a"), get("https://h:8443/a"), id="port"),
        pytest.param(get("https://h/a"), get("https://h/A"), id="case of a path"),
        pytest.param(get("https://h/a%2Fb"), get("https://h/a/b"), id="an escaped slash"),
        pytest.param(get("https://h/?a=1&a=1"), get("https://h/?a=1"), id="a query is a multiset"),
        pytest.param(get("https://h/?a"), get("https://h/?a="), id="an empty value"),
        pytest.param(get("https://h/"), HttpRequest(method="HEAD", url="https://h/"), id="method"),
        pytest.param(post({"a": [1, 2]}), post({"a": [2, 1]}), id="order of a list"),
        pytest.param(post({"a": 1}), post({"a": True}), id="one and true"),
        pytest.param(post({"a": 1}), post({"a": "1"}), id="a number and its text"),
        pytest.param(post({"a": None}), post({}), id="null and absent"),
        pytest.param(post({"user": "a"}), post({"user": "b"}), id="a user"),
        pytest.param(post(b"a=1&b=2"), post(b"b=2&a=1"), id="bytes that look like a form"),
        pytest.param(use("t", a=1), use("u", a=1), id="another tool"),
        pytest.param(use("t", a=1), use("t", a=2), id="other arguments"),
        pytest.param(
            HandoffRequest(sender="a", recipient="b", message="m"),
            HandoffRequest(sender="c", recipient="b", message="m"),
            id="another sender",
        ),
        pytest.param(
            DrawRequest(source="os.urandom", argument=8), DrawRequest(source="os.urandom", argument=9), id="n"
        ),
    ],
)
def test_what_differs_has_two_keys(one, other) -> None:
    """Whatever changes the meaning of a request changes its key."""
    assert key(one) != key(other)


def _openai(first: str, second: str, arguments: str = '{"order":1}'):
    calls = [
        {"id": i, "type": "function", "function": {"name": "f", "arguments": arguments}}
        for i in (first, second)
    ]
    results = [{"role": "tool", "tool_call_id": i, "content": i[-1:]} for i in ("x", "y")]
    results[0]["tool_call_id"], results[1]["tool_call_id"] = first, second
    return post({"messages": [{"role": "assistant", "tool_calls": calls}, *results]})


def _responses(item: str, link: str):
    return post(
        {
            "previous_response_id": f"resp_{item}",
            "input": [
                {"type": "reasoning", "id": f"rs_{item}", "summary": []},
                {
                    "type": "function_call",
                    "id": f"fc_{item}",
                    "call_id": link,
                    "name": "f",
                    "arguments": "{}",
                },
                {"type": "function_call_output", "call_id": link, "output": "done"},
                {"type": "message", "id": f"msg_{item}", "role": "assistant", "content": []},
            ],
        }
    )


def _anthropic(link: str):
    made = {"type": "tool_use", "id": link, "name": "f", "input": {"id": "kept"}}
    result = {"type": "tool_result", "tool_use_id": link, "content": "done"}
    return post(
        {"messages": [{"role": "assistant", "content": [made]}, {"role": "user", "content": [result]}]}
    )


def _gemini(link: str):
    made = {"functionCall": {"id": link, "name": "f", "args": {}}}
    result = {"functionResponse": {"id": link, "name": "f", "response": {}}}
    return post({"contents": [{"role": "model", "parts": [made]}, {"role": "user", "parts": [result]}]})


def _bedrock(link: str):
    made = {"toolUse": {"toolUseId": link, "name": "f", "input": {}}}
    return post({"messages": [{"role": "assistant", "content": [made, {"toolResult": {"toolUseId": link}}]}]})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(_openai("call_x", "call_y"), _openai("call_7", "call_8"), id="openai chat"),
        pytest.param(_responses("a", "call_1"), _responses("b", "call_2"), id="openai responses"),
        pytest.param(_anthropic("toolu_1"), _anthropic("toolu_2"), id="anthropic"),
        pytest.param(_gemini("1"), _gemini("2"), id="gemini"),
        pytest.param(_bedrock("1"), _bedrock("2"), id="bedrock converse"),
        pytest.param(
            _openai("a", "b", '{"o":1,"n":2}'), _openai("a", "b", '{ "n": 2, "o": 1.0 }'), id="arguments"
        ),
    ],
)
def test_ids_made_by_the_provider_do_not_count(one, other) -> None:
    """A history that quotes other ids in the same places asks the same."""
    assert key(one) == key(other)


def test_which_call_a_result_belongs_to_counts() -> None:
    """Renaming is consistent: results swapped between two calls make another request."""
    straight, crossed = _openai("call_x", "call_y"), _openai("call_x", "call_y")
    text = crossed.body.replace(b'"tool_call_id": "call_x"', b'"tool_call_id": "?"')
    text = text.replace(b'"tool_call_id": "call_y"', b'"tool_call_id": "call_x"').replace(b'"?"', b'"call_y"')
    assert key(straight) != key(post(text))


def test_ids_of_the_user_are_data() -> None:
    """An id in a tool's arguments, or outside a history, is not the provider's."""
    inside = {"messages": [{"role": "user", "content": [{"type": "tool_use", "input": {"call_id": "A"}}]}]}
    other = {"messages": [{"role": "user", "content": [{"type": "tool_use", "input": {"call_id": "B"}}]}]}
    assert key(post(inside)) != key(post(other))
    assert key(post({"call_id": "A"})) != key(post({"call_id": "B"}))
    assert key(post({"input": [{"id": "A"}]})) != key(post({"input": [{"id": "B"}]}))


def test_multipart_boundaries_do_not_count() -> None:
    """A multipart body has the key of its parts; the random boundary and header spelling go."""
    heads = b'Content-Disposition: form-data; name="f"\r\ncontent-type:text/plain'
    part = b"--%b\r\n" + heads + b"\r\n\r\nhello\r\n--%b--\r\n"
    same = part.replace(b"Content-Disposition: ", b"content-disposition:   ")
    assert key(post(part % (b"aaa", b"aaa"))) == key(post(same % (b"bbb", b"bbb")))
    assert key(post(part % (b"aaa", b"aaa"))) != key(post(part.replace(b"hello", b"bye") % (b"aaa", b"aaa")))


def test_gzip_bodies_are_read() -> None:
    """A compressed body has the key of what it holds: its header tells the time of day."""
    packed = (("content-encoding", "gzip"), ("content-type", "application/json"))
    one = post(gzip.compress(b'{"a":1}', mtime=1), headers=packed)
    other = post(gzip.compress(b'{"a":1}', mtime=2), headers=packed)
    assert key(one) == key(other) == key(post(b'{"a":1}'))


@pytest.mark.parametrize(
    "body", [b"{", b"\xff\xfe{", b'{"a":' * 5000, b"[" * 200 + b"]" * 200, b"1" * 6000, b"--\r\n"]
)
def test_bytes_that_cannot_be_read_count_as_they_are(body) -> None:
    """Broken, deep or foreign bytes have a key too."""
    assert key(post(body)) == key(post(body))
    assert key(post(body)) != key(post(body + b" "))


def test_rules_let_more_differ() -> None:
    """Ignored members, parameters and hosts do not count, headers that must match do."""
    rules = MatchRules(
        ignore=("$.metadata.run", "$.messages[*].name", "$.order"), ignore_query=("v",), any_host=True
    )
    one = post({"metadata": {"run": 1}, "messages": [{"name": "a", "content": "x"}]}, url="https://a/p?v=1")
    other = post({"metadata": {}, "messages": [{"name": "b", "content": "x"}]}, url="http://gateway:99/p?v=2")
    assert key(one, rules) == key(other, rules)
    assert key(one) != key(other)
    assert key(use("t", order=1), rules) == key(use("t", order=2), rules)
    tenants = MatchRules(headers=("X-Tenant",))
    sent = [post({}, headers=(("x-tenant", name),)) for name in ("a", "b")]
    assert key(sent[0], tenants) != key(sent[1], tenants)
    assert raw_key(Seam.HTTP, "", sent[0], rules=tenants) != raw_key(Seam.HTTP, "", sent[1], rules=tenants)


def test_an_ignored_element_keeps_its_place() -> None:
    """Ignoring one message ignores what it says, not that it was there."""
    rules = MatchRules(ignore=("$.messages[0]",))
    assert key(chat("a", system="1"), rules) == key(chat("a", system="2"), rules)
    assert key(chat("a"), rules) != key(chat("b"), rules)
    assert key(post({"messages": [1, 2]}), rules) != key(post({"messages": [2]}), rules)


@pytest.mark.parametrize("path", ["$[", "a b c", "", "$"])
def test_a_path_that_is_none_is_an_error(path) -> None:
    """A JSONPath that does not parse, or takes everything, is named at once."""
    with pytest.raises(ConfigInvalid, match="JSONPath"):
        MatchRules(ignore=(path,))


def test_the_digest_of_rules_tells_what_decides_keys() -> None:
    """Order and case of names do not change the digest; what lets keys differ does."""
    assert MatchRules(headers=("A", "b")).digest == MatchRules(headers=("b", "a")).digest
    for rules in (
        MatchRules(any_host=True),
        MatchRules(headers=("a",)),
        MatchRules(ignore=("$.a",)),
        MatchRules(ignore_query=("a",)),
        MatchRules(redaction="own"),
    ):
        assert rules.digest != MatchRules().digest
    assert MatchRules(ignore_headers=("a",)).digest == MatchRules().digest


def test_secrets_have_one_key_whatever_they_are() -> None:
    """The redacted request is hashed: another key, echoed or redacted, asks the same."""
    live = chat("my key is sk-proj-" + "a1B2" * 12)
    other = chat("my key is sk-proj-" + "Z9y8" * 12)
    assert key(live) == key(other) != key(chat("my key is"))


def test_placeholders_are_numbered_in_canonical_order() -> None:
    """Two secrets in the other order of members are the same two secrets."""
    first, second = "sk-proj-" + "a1B2" * 12, "sk-proj-" + "Z9y8" * 12
    assert key(post({"a": first, "b": second})) == key(post(f'{{"b":"{second}","a":"{first}"}}'.encode()))
    assert key(post({"a": first, "b": first})) != key(post({"a": first, "b": second}))
    assert key(post({"a": "[redacted:secret-7]"})) == key(post({"a": "[redacted:secret-1]"}))


def test_keys_are_the_same_in_every_process() -> None:
    """Hash seeds, and with them the order of sets, do not reach a key."""
    code = (
        "from tests.replay._kit import *\n"
        "print(key(chat('a', tools=[{'b': 1, 'a': 2.0}], x=[0.1, 1e300])))\n"
        "print(key(use('t', a={'y': 1, 'x': [None]})))"
    )
    seen = {
        subprocess.run(
            [sys.executable, "-W", "error", "-c", code],
            env={
                **os.environ,
                "PYTHONHASHSEED": seed,
                "PYTHONPATH": os.pathsep.join(p for p in sys.path if p),
            },
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    one = key(chat("a", tools=[{"b": 1, "a": 2.0}], x=[0.1, 1e300]))
    other = key(use("t", a={"y": 1, "x": [None]}))
    assert seen == {f"{one}\n{other}\n"}


def test_known_keys_stay_known() -> None:
    """These keys stand in cassettes on disk: whoever changes them must raise CANON."""
    assert (
        key(post({"b": [1.0, "é"], "a": None}, url=CHAT + "?z=1&a=%7e")) == "b24f342b65167c77988a9739a66a9a2f"
    )
    assert key(use("get_order", order=1042)) == "533ee84968a53ce0f891865250ec9e16"


def test_the_order_of_fields_with_secrets_does_not_count() -> None:
    """A placeholder is numbered by its place in the document, which must not decide where it is sorted."""
    fields = [f"note=sk-proj-{letter * 40},{letter}" for letter in ("a1", "b2")]
    one, other = (post("&".join(order).encode(), headers=FORM) for order in (fields, fields[::-1]))
    assert key(one) == key(other)
