"""What a redactor knows beyond one place: equal secrets, learnt values, neighbours."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agentops_eval.domain import Event, HttpRequest, Seam
from agentops_eval.traces._redact_edit import merge
from agentops_eval.traces._redact_tokens import Hit
from agentops_eval.traces.redaction import RedactionRules, Redactor
from tests.traces._secrets import LETTERS, SHAPES, made


def test_equal_secrets_share_a_number_and_own_kinds_count_apart() -> None:
    """Equality of secrets survives redaction inside a document; a kind of the user's keeps its word."""
    one, other, aws = made("sk-", 40), made("sk-", 41), SHAPES["aws"][0]
    text = f"{other} {one} {aws} CU-1234 {other} {one}"
    rules = RedactionRules(patterns=(("customer", r"CU-\d+"),))
    assert Redactor(rules).text(text) == (
        "[redacted:secret-1] [redacted:secret-2] [redacted:secret-3] [redacted:customer-1] "
        "[redacted:secret-1] [redacted:secret-2]"
    )


def post(body: str, key: str) -> HttpRequest:
    return HttpRequest(
        method="POST", url="https://h/", headers=(("authorization", f"Bearer {key}"),), body=body.encode()
    )


@pytest.mark.parametrize("key", [LETTERS[:20], made("sk-", 40), SHAPES["github"][0]])
def test_a_key_and_its_stand_in_redact_to_the_same(key: str) -> None:
    """Whatever a key looks like, a request that repeats it reads as one that repeats a stand-in."""
    redacted = [Redactor().request(post(f"my key is {one}", one)) for one in (key, "test-key-0001")]
    assert redacted[0] == redacted[1]
    assert redacted[0].body == b"my key is [redacted:secret-1]"


def test_a_bearer_token_is_found_in_other_places() -> None:
    """A token that only its authorization header gave away is redacted where a tool call repeats it."""
    redactor = Redactor()
    redactor.request(post("hello", LETTERS[:20]))
    assert redactor.text(f"with {LETTERS[:20]}") == "with [redacted:secret-1]"


def test_values_of_variables_named_like_secrets_are_known_from_the_start() -> None:
    """A key in the environment is redacted before anything gives it away; a word or a path is not."""
    redactor = Redactor()
    redactor.learn_environment(
        {"SHOP_API_KEY": LETTERS[:20], "DB_PASSWORD": "postgres", "TOKEN_FILE": "/run/t0ken", "LANG": "C"}
    )
    text = f"{LETTERS[:20]} postgres /run/t0ken C"
    assert redactor.text(text) == "[redacted:secret-1] postgres /run/t0ken C"


def test_signatures_are_not_learnt() -> None:
    """They differ from message to message: a run would look for more and more of them."""
    redactor = Redactor()
    redactor.request(HttpRequest(method="GET", url=f"https://h/?signature={LETTERS[:20]}"))
    assert redactor.learnt == 0


def test_what_a_later_event_gives_away_is_redacted_in_earlier_ones() -> None:
    """The events of a run are redacted by what all of them together tell."""
    early = Event(index=0, seam=Seam.HTTP, boundary="b", request=post(LETTERS[:20], "x"), outcome=None)
    late = Event(index=1, seam=Seam.HTTP, boundary="b", request=post("", LETTERS[:20]), outcome=None)
    made = Redactor().events(iter([early, late]))
    assert LETTERS[:20] not in repr(made)
    assert [event.index for event in made] == [0, 1]


def test_learnt_values_are_found_everywhere() -> None:
    """What a run drew as a secret is redacted wherever it turns up, also percent-encoded."""
    redactor = Redactor()
    redactor.learn("a b/c-d", "nonce")
    redactor.learn("abcde", "short")
    assert redactor.text("x a b/c-d abcde") == "x [redacted:secret-1] abcde"
    assert redactor.json({"k": ['"a b/c-d"']}) == {"k": ['"[redacted:secret-1]"']}
    assert "a%20b" not in redactor.text("https://h/a%20b%2Fc-d")
    assert [found.kind for found in redactor.find("a b/c-d")] == ["nonce"]


def test_a_value_known_by_its_name_is_found_in_prose_too() -> None:
    """An answer's session token is redacted where a later request repeats it, without its name."""
    redactor = Redactor()
    value = {"before": f"has {LETTERS[:20]}", "session_token": LETTERS[:20]}
    assert redactor.json(value) == {
        "before": "has [redacted:secret-1]",
        "session_token": "[redacted:secret-1]",
    }
    assert redactor.text(f"resume {LETTERS[:20]} now") == "resume [redacted:secret-1] now"


def test_a_password_of_plain_words_is_not_looked_for_in_prose() -> None:
    """Only a value that looks drawn at random is learnt: words would be found everywhere."""
    value = {"password": "correct horse", "note": "the correct horse won"}
    assert Redactor().json(value) == {**value, "password": "[redacted:secret-1]"}


def test_cookies_are_not_learnt() -> None:
    """They change with every answer: remembering all of them would slow a run down for nothing."""
    redactor = Redactor()
    cookie = HttpRequest(method="GET", url="https://h/", headers=(("cookie", f"sid={LETTERS[:20]}"),))
    assert LETTERS[:20] not in repr(redactor.request(cookie))
    assert redactor.text(f"see {LETTERS[:20]}") == f"see {LETTERS[:20]}"


def test_a_value_learnt_later_is_found_in_a_header_seen_before() -> None:
    """What was found in a header is remembered only for what was known then."""
    redactor = Redactor()
    request = HttpRequest(method="GET", url="https://h/", headers=(("authorization", "x drawn-value-1"),))
    request = replace(request, headers=(*request.headers, ("x-note", "token: drawn value")))
    assert "drawn value" in repr(redactor.request(request))
    redactor.learn("drawn value", "nonce")
    assert "drawn value" not in repr(redactor.request(request))


def test_neighbours_stay_two_secrets() -> None:
    """Hits that touch are two; hits that overlap are one."""
    one, two, across = (
        Hit((span,), "k", name) for span, name in (((0, 3), "a"), ((3, 6), "b"), ((2, 4), "c"))
    )
    assert merge([two, one]) == [one, two]
    assert [hit.pieces for hit in merge([one, two, across])] == [((0, 6),)]


def test_a_placeholder_in_quotes_is_no_new_secret() -> None:
    """What frames a placeholder is no part of a secret, and stays."""
    request = HttpRequest(
        method="GET", url="https://h/", headers=(("authorization", '"[redacted:secret-1]"'),)
    )
    assert Redactor().request(request) == request
