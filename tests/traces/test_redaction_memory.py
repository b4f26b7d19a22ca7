"""What a redactor knows beyond one place: equal secrets, learnt values, neighbours."""

from __future__ import annotations

from dataclasses import replace

from agentops_eval.domain import HttpRequest
from agentops_eval.traces._redact_edit import merge
from agentops_eval.traces._redact_tokens import Hit
from agentops_eval.traces.redaction import Redactor
from tests.traces._secrets import LETTERS, SHAPES, made


def test_equal_secrets_share_a_number_and_kinds_count_apart() -> None:
    """Equality of secrets survives redaction inside a document."""
    one, other, aws = made("sk-", 40), made("sk-", 41), SHAPES["aws"][0]
    text = f"{other} {one} {aws} {other} {one}"
    assert Redactor().text(text) == (
        "[redacted:api-key-1] [redacted:api-key-2] [redacted:aws-key-1] "
        "[redacted:api-key-1] [redacted:api-key-2]"
    )


def test_learnt_values_are_found_everywhere() -> None:
    """What a run drew as a secret is redacted wherever it turns up, also percent-encoded."""
    redactor = Redactor()
    redactor.learn("a b/c-d", "nonce")
    redactor.learn("abcde", "short")
    assert redactor.text("x a b/c-d abcde") == "x [redacted:nonce-1] abcde"
    assert redactor.json({"k": ['"a b/c-d"']}) == {"k": ['"[redacted:nonce-1]"']}
    assert "a%20b" not in redactor.text("https://h/a%20b%2Fc-d")
    assert [found.kind for found in redactor.find("a b/c-d")] == ["nonce"]


def test_a_value_known_by_its_name_is_found_in_prose_too() -> None:
    """An answer's session token is redacted where a later request repeats it, without its name."""
    redactor = Redactor()
    value = {"before": f"has {LETTERS[:20]}", "session_token": LETTERS[:20]}
    assert redactor.json(value) == {
        "before": "has [redacted:session-token-1]",
        "session_token": "[redacted:session-token-1]",
    }
    assert redactor.text(f"resume {LETTERS[:20]} now") == "resume [redacted:session-token-1] now"


def test_a_password_of_plain_words_is_not_looked_for_in_prose() -> None:
    """Only a value that looks drawn at random is learnt: words would be found everywhere."""
    value = {"password": "correct horse", "note": "the correct horse won"}
    assert Redactor().json(value) == {**value, "password": "[redacted:password-1]"}


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
        method="GET", url="https://h/", headers=(("authorization", '"[redacted:authorization-1]"'),)
    )
    assert Redactor().request(request) == request
