"""Names that give a secret away by their ending, and names that only resemble them."""

from __future__ import annotations

import json
import string
from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.domain import HttpRequest, Json
from agentops_eval.traces._redact_names import _STRONG, _WEAK, field_kind, header_ending, may_name
from agentops_eval.traces.redaction import Redactor
from tests.traces._secrets import LETTERS

K = "Zq7" + "0123456789abcdef" + "01234567"
GONE = "[redacted:secret-1]"
WEAK_NAMES = [
    "github_token", "GITHUB_TOKEN", "bot_token", "slack-token", "oauth_token", "botToken", "stripe_secret",
    "access_key", "accessKey", "jwt", "user_jwt", "sessionid",
    "session_key", "secret", "subscription-key", "Access Key", "service.key", "auth_code",
]  # fmt: skip
STRONG_NAMES = [
    "my_api_key",
    "serviceApiKey",
    "SERVICE_API_KEY",
    "dbpassword",
    "smtpPassword",
    "API Key",
    "x.pwd",
]
HARMLESS_NAMES = [
    "next_page_token", "nextPageToken", "pageToken", "continuation_token", "cursor_token", "nextSyncToken",
    "max_token", "prompt_token", "eos_token", "progressToken", "cache_key", "prompt_cache_key", "key",
    "sort_key", "session_id", "sessionId", "tokens", "token_type", "secretary", "monkey", "public_key",
    "country_code", "string",
]  # fmt: skip


@pytest.mark.parametrize("name", WEAK_NAMES)
def test_a_weak_ending_tells_of_a_value_that_looks_drawn(name: str) -> None:
    """A value drawn at random under such a name is redacted, in JSON and as a parameter; a word is not."""
    redactor = Redactor()
    assert redactor.json({name: K}) == {name: GONE}
    assert redactor.json(json.dumps({name: K})) == json.dumps({name: GONE})
    assert redactor.json({name: "a word", "url": "see"}) == {name: "a word", "url": "see"}
    query = name.replace(" ", "+")
    assert K not in Redactor().request(HttpRequest(method="GET", url=f"https://h/?{query}={K}")).url


@pytest.mark.parametrize("name", STRONG_NAMES)
def test_a_strong_ending_tells_whatever_the_value(name: str) -> None:
    """A word under the name of a password or API key is redacted too."""
    assert Redactor().json({name: "a word"}) == {name: GONE}


@pytest.mark.parametrize("name", HARMLESS_NAMES)
def test_what_opens_no_door_stays(name: str) -> None:
    """Page tokens, counts, keys of caches and of lists keep their values."""
    assert Redactor().json({name: K, "password": ""}) == {name: K, "password": ""}


def test_a_code_is_one_only_where_it_looks_drawn() -> None:
    """The code of a sign-in goes; a program and the code of an error stay."""
    codes: list[tuple[str, bool]] = [
        (f"4/0A{K}", True), (K, True), ("print(sum(range(1024)))", False), ("ERR_CONNECTION_4711", False),
        ("rate_limit_exceeded", False),
    ]  # fmt: skip
    for code, secret in codes:
        assert Redactor().json({"code": code}) == {"code": GONE if secret else code}
        text = json.dumps({"a": json.dumps({"code": code}, indent=1)})
        assert (K in Redactor().text(text)) == (not secret and K in code)


def test_fields_of_forms_go_by_their_ending_too() -> None:
    """Names of parts and pairs, with brackets around them or not."""
    pairs = f"client_id=app&user[github_token]={K}&page_token={LETTERS[:20]}&code=x".encode()
    form = HttpRequest(
        method="POST",
        url="https://h/",
        headers=(("content-type", "application/x-www-form-urlencoded"),),
        body=pairs,
    )
    assert Redactor().request(form).body == pairs.replace(K.encode(), GONE.encode())
    part = f'--x\r\nContent-Disposition: form-data; name="bot_token"\r\n\r\n{K}\r\n--x--\r\n'.encode()
    headers = (("content-type", "multipart/form-data; boundary=x"),)
    multi = HttpRequest(method="POST", url="https://h/", headers=headers, body=part)
    assert Redactor().request(multi).body == part.replace(K.encode(), GONE.encode())


@pytest.mark.parametrize(
    "name",
    [
        "X-Auth-Key", "X-RapidAPI-Key", "DD-APPLICATION-KEY", "X-Auth", "X-Access-Key", "X-Master-Key",
        "X-Tableau-Auth", "X-JWT", "X-CSRFToken", "X-AuthToken", "X-Subscription-Key", "X_API_KEY", "apikey",
    ],
)  # fmt: skip
def test_headers_go_by_their_ending(name: str) -> None:
    """Whatever a vendor calls its header, one that ends like a key or token holds a secret."""
    request = HttpRequest(method="GET", url="https://h/", headers=((name, "a word"),))
    assert Redactor().request(request).headers == ((name, GONE),)


def test_a_key_of_an_unknown_vendor_is_one_where_it_looks_drawn() -> None:
    """Idempotency keys and their like stay, and so do words."""
    headers = (("X-Acme-Key", K), ("X-Acme-Key", "blue"), ("Idempotency-Key", K), ("X-Partition-Key", K))
    request = HttpRequest(method="GET", url="https://h/", headers=headers)
    made = dict(Redactor().request(request).headers[2:])
    assert made == {"Idempotency-Key": GONE, "X-Partition-Key": GONE}, "learnt from the first"
    assert (
        Redactor().request(HttpRequest(method="GET", url="https://h/", headers=headers[1:])).headers
        == headers[1:]
    )
    assert header_ending("x-ratelimit-remaining-tokens") == header_ending("x-cost-per-token") == ""


def test_placeholders_of_cookies_and_of_other_headers_stay_apart() -> None:
    """Done twice, nothing changes: a cookie's placeholder keeps its number before those behind it."""
    headers = (("Set-Cookie", f"session={K}; Path=/; HttpOnly"), ("X-Api-Key", K[::-1]))
    request = HttpRequest(method="GET", url="https://h/", headers=headers)
    once = Redactor().request(request)
    assert [GONE in value or "[redacted:" in value for _, value in once.headers] == [True, True]
    assert once.headers[0][1].split(";")[0].partition("=")[2] != once.headers[1][1]
    assert Redactor().request(once) == once


@given(
    st.text(string.ascii_letters + "_-. 19é$", max_size=12),
    st.sampled_from(sorted({*_STRONG, *_WEAK, "code"})),
    st.sampled_from(["", "_", "-", ".", " ", "--"]),
    st.data(),
)
def test_the_cheap_look_overlooks_no_name(
    before: str, ending: str, separator: str, data: st.DataObject
) -> None:
    """What is a secret by its field's name is suspicious: as a field, and in JSON inside JSON."""
    at = data.draw(st.integers(0, len(ending)))
    name = f"{before}{ending[:at]}{separator}{ending[at:]}"
    name = data.draw(st.sampled_from([name, name.upper(), name.title(), ending[:at] + ending[at:].title()]))
    value: Json = {name: K}
    for _ in range(data.draw(st.integers(0, 3))):
        value = {"a": json.dumps(value, indent=data.draw(st.sampled_from([None, 1])))}
    if field_kind(name, K):
        assert may_name(json.dumps(value).lower())
        assert K not in json.dumps(Redactor().json(value))


def test_the_password_of_basic_authorization_is_learnt() -> None:
    """It is redacted where it stands in clear; the user's name is not."""
    redactor, user = Redactor(), "robot-account-17"
    basic = b64encode(f"{user}:{K}".encode()).decode()
    request = HttpRequest(
        method="POST",
        url="https://h/",
        headers=(("Authorization", f"Basic {basic}"),),
        body=f'{{"as": "{user}", "with": "{K}"}}'.encode(),
    )
    assert redactor.request(request).body == f'{{"as": "{user}", "with": "{GONE}"}}'.encode()
    assert redactor.text(f"{basic} {K}") == "[redacted:secret-1] [redacted:secret-2]"
    short = b64encode(b"user:pass").decode()
    redactor.request(
        HttpRequest(method="GET", url="https://h/", headers=(("Authorization", f"Basic {short}"),))
    )
    assert redactor.text("pass the user") == "pass the user"


def test_the_password_of_an_address_is_learnt_as_it_is_meant() -> None:
    """Percent-encoded in the address, in clear elsewhere."""
    redactor = Redactor()
    redactor.text(f"postgres://app:{K}%21@db/x")
    assert redactor.text(f"the password is {K}!") == f"the password is {GONE}"


def test_variables_go_by_shorter_endings_and_by_addresses() -> None:
    """FOO_KEY, GH_PAT, DB_PASS and the password of DATABASE_URL are known; where the shell is, is not."""
    secrets = {
        name: f"{K}{number}" for number, name in enumerate(("FOO_KEY", "GH_PAT", "DB_PASS", "A_KEY_2"))
    }
    environment = {**secrets, "DATABASE_URL": f"postgres://app:{K}%21@db/x", "PWD": "/disk17/projects"}
    redactor = Redactor()
    redactor.learn_environment(environment)
    for value in [*secrets.values(), f"{K}!"]:
        assert redactor.text(f"it is {value} ") == f"it is {GONE} "
    assert redactor.text(environment["PWD"]) == environment["PWD"]
