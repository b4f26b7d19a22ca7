"""What is a secret, what is not, and what stands in its place."""

from __future__ import annotations

import base64
import json
import random

import pytest

from agentops_eval.domain import (
    ApprovalRequest,
    ConfigInvalid,
    EndKind,
    Event,
    Failure,
    HandoffRequest,
    HttpReply,
    HttpRequest,
    Json,
    KeptBody,
    Request,
    Seam,
    StreamEnd,
    ToolRequest,
    ValueReply,
)
from agentops_eval.traces.redaction import Finding, RedactionRules, Redactor, find_secrets
from tests.traces._secrets import LETTERS, SHAPES, made

PEM = "PRIVATE " + "KEY-----"


@pytest.mark.parametrize("name", SHAPES)
def test_a_known_shape_is_found_in_prose_json_and_escapes(name: str) -> None:
    """A key of a known vendor is redacted in prose, in JSON, in JSON inside JSON, and behind an escape."""
    secret, kind = SHAPES[name]
    assert [found.kind for found in find_secrets(secret)] == [kind]
    redactor = Redactor()
    assert redactor.text(f"use {secret}, please") == "use [redacted:secret-1], please"
    assert redactor.json({"a": [secret]}) == {"a": ["[redacted:secret-1]"]}
    inner = json.dumps({"note": f"first line\n{secret}"})
    assert json.loads(str(redactor.json(inner))) == {"note": "first line\n[redacted:secret-1]"}
    assert secret not in redactor.text(f"https://h/%20{secret}")


def test_bearer_tokens_go_and_prose_about_bearers_stays() -> None:
    """A bearer token is a secret; the bearer of good news is not."""
    redactor = Redactor()
    assert redactor.text("Bearer abc123def456") == "Bearer [redacted:secret-1]"
    prose = "The bearer instruments were examined by the bearer of the letter."
    assert redactor.text(prose) == prose


def test_a_private_key_goes_as_a_whole_block() -> None:
    """From BEGIN to END a private key becomes one placeholder, in prose and behind JSON escapes."""
    body = "\n".join(LETTERS[i : i + 64] for i in range(0, 192, 64))
    block = f"-----BEGIN RSA {PEM}\n{body}\n-----END RSA {PEM}"
    redactor = Redactor()
    assert redactor.text(f"key:\n{block}\nend") == "key:\n[redacted:secret-1]\nend"
    assert redactor.json({"pem": block}) == {"pem": "[redacted:secret-1]"}
    cut = block[:150]
    assert LETTERS[:40] not in redactor.text(f"the block was cut: {cut}")
    question = f"What does '-----BEGIN {PEM}' mean?"
    assert redactor.text(question) == question


def test_fields_are_secret_by_name() -> None:
    """A password is redacted whatever it looks like; a token only where it looks drawn at random."""
    redactor = Redactor()
    value: dict[str, Json] = {
        "password": "hunter2",
        "clientSecret": "x y",
        "access_token": "abc",
        "token": "Hello",
        "max_tokens": 12,
        "usage": {"total_tokens": "9"},
        "nested": {"Authorization": "Bearer def"},
        "properties": {"password": {"type": "string"}},
    }
    assert redactor.json(value) == {
        **value,
        "password": "[redacted:secret-1]",
        "clientSecret": "[redacted:secret-2]",
        "access_token": "[redacted:secret-3]",
        "nested": {"Authorization": "Bearer [redacted:secret-4]"},
    }
    assert redactor.json({"token": LETTERS[:24]}) == {"token": "[redacted:secret-1]"}


@pytest.mark.parametrize(
    "text",
    [
        "password: str",
        "api_key = settings.api_key",
        "a task-based sk-learn pipeline with class sk-fading-circle-container",
        "risk-adjusted-return-on-capital-employed-2024",
        "see https://example.com/a/b?page=2#top or write to a@b.example",
        "eyJ is how a JWT begins",
        "the key_id is 12 and the foreign_key_constraint_1 holds",
        '{"logprobs": [{"token": "Hi", "logprob": -0.1, "bytes": [72, 105]}]}',
        "a7f3c2d1-4b5e-4c6d-8e9f-0a1b2c3d4e5f",
        "d41d8cd98f00b204e9800998ecf8427e",
    ],
)
def test_what_only_resembles_a_secret_stays(text: str) -> None:
    """Code, prose, hashes, UUIDs and log probabilities come back as the same text."""
    assert Redactor().text(text) == text


def test_assignments_in_prose_are_found() -> None:
    """Environment files, shell lines and code with literal passwords are redacted."""
    redactor = Redactor()
    assert redactor.text("DB_PASSWORD=s3cretw0rd") == "DB_PASSWORD=[redacted:secret-1]"
    assert redactor.text('api_key = "abcdefgh"') == 'api_key = "[redacted:secret-1]"'
    secret = made("wJ/al+r", 33)
    assert redactor.text(f"aws_secret_access_key: {secret}") == "aws_secret_access_key: [redacted:secret-1]"
    assert redactor.text("postgres://app:pa55@db/x") == "postgres://app:[redacted:secret-1]@db/x"


def test_headers_and_query_are_redacted_by_name() -> None:
    """Authorization keeps its scheme, cookies their names; query keys and user parts lose their values."""
    request = HttpRequest(
        method="GET",
        url="https://u:pw@h/v1?key=abc&page=2&X-Amz-Signature=ff00&empty=#access_token=xyz",
        headers=(
            ("Authorization", "Basic dXNlcjpwYXNz"),
            ("Cookie", "session=xyz1; theme=dark"),
            ("X-Goog-Api-Key", "k"),
            ("openai-organization", "acme"),
            ("x-ratelimit-remaining-tokens", "150000"),
            ("x-custom-token", "t"),
            ("accept", "*/*"),
        ),
    )
    redacted = Redactor().request(request)
    assert redacted.url == (
        "https://u:[redacted:secret-1]@h/v1?key=[redacted:secret-2]&page=2"
        "&X-Amz-Signature=[redacted:secret-3]&empty=#access_token=[redacted:secret-4]"
    )
    assert redacted.headers == (
        ("Authorization", "Basic [redacted:secret-5]"),
        ("Cookie", "session=[redacted:secret-6]; theme=[redacted:secret-7]"),
        ("X-Goog-Api-Key", "[redacted:secret-8]"),
        ("openai-organization", "[redacted:secret-9]"),
        ("x-ratelimit-remaining-tokens", "150000"),
        ("x-custom-token", "[redacted:secret-10]"),
        ("accept", "*/*"),
    )


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (
            "sid=abc; Path=/; Expires=Thu, 01 Jan 2032 00:00:00 GMT; HttpOnly",
            "sid=[redacted:secret-1]; Path=/; Expires=Thu, 01 Jan 2032 00:00:00 GMT; HttpOnly",
        ),
        ("a=1; Path=/, b=2; Secure", "a=[redacted:secret-1]; Path=[redacted:secret-2]; Secure"),
        ("bare", "[redacted:secret-1]"),
    ],
)
def test_set_cookie_keeps_its_attributes(value: str, expected: str) -> None:
    """A cookie's value goes, its attributes stay, and a second cookie behind a comma does not slip by."""
    request = HttpRequest(method="GET", url="https://h/", headers=(("set-cookie", value),))
    assert Redactor().request(request).headers == (("set-cookie", expected),)


def test_form_and_multipart_fields_are_redacted() -> None:
    """Form bodies are read as pairs, multipart bodies as parts."""
    form = HttpRequest(
        method="POST",
        url="https://h/token",
        headers=(("content-type", "application/x-www-form-urlencoded"), ("content-length", "52")),
        body=b"grant_type=password&username=ann&password=p%40ss&a=%20",
    )
    redacted = Redactor().request(form)
    assert redacted.body == b"grant_type=password&username=ann&password=[redacted:secret-1]&a=%20"
    assert redacted.headers[1] == ("content-length", str(52 + len(redacted.body) - len(form.body)))
    parts = b'--x\r\nContent-Disposition: form-data; name="api_key"\r\n\r\nhello\r\n--x--\r\n'
    multi = HttpRequest(
        method="POST",
        url="https://h/",
        headers=(("content-type", "multipart/form-data; boundary=x"),),
        body=parts,
    )
    assert Redactor().request(multi).body == parts.replace(b"hello", b"[redacted:secret-1]")


def test_an_echoed_placeholder_is_numbered_as_the_secret_was() -> None:
    """A run that repeats a redacted answer redacts to the same request as the run that had the secret."""
    redactor = Redactor()
    live = redactor.json({"a": made("sk-", 40), "note": f"again {made('sk-', 40)} and {made('sk-', 44)}"})
    echo = redactor.json(
        {"a": "[redacted:secret-7]", "note": "again [redacted:secret-7] and [redacted:secret-3]"}
    )
    assert live == echo
    assert redactor.request(HttpRequest(method="GET", url="https://h/?q=%5Bredacted%3Aapi-key-9%5D")).url == (
        "https://h/?q=[redacted:secret-1]"
    )


def test_a_dummy_key_in_the_header_does_not_show_in_the_body() -> None:
    """The body is numbered before the headers, so a replay without the real key redacts to the same body."""
    body = json.dumps({"note": SHAPES["anthropic"][0]}).encode()
    bodies = set()
    for key in (made("sk-", 40), "dummy"):
        headers = (("authorization", f"Bearer {key}"), ("x-api-key", key))
        request = HttpRequest(method="POST", url="https://h/", headers=headers, body=body)
        bodies.add(Redactor().request(request).body)
    assert bodies == {b'{"note": "[redacted:secret-1]"}'}


def test_own_rules_add_and_allow() -> None:
    """Configuration adds kinds, headers and query keys, and lets named values stay."""
    rules = RedactionRules(
        emails=True,
        patterns=(("Customer No", r"\bCU-\d{6}\b"), ("pin", r"pin (?P<secret>\d{4})")),
        headers=("X-Tenant",),
        query=("customer",),
        allow=(r"sk-test-.*", r".*@example\.com"),
    )
    redactor = Redactor(rules)
    assert redactor.text("CU-123456, pin 1234, ann@mail.test, bob@example.com") == (
        "[redacted:customer-no-1], pin [redacted:pin-1], [redacted:email-1], bob@example.com"
    )
    assert redactor.text("sk-test-abcdefghijklmnop1") == "sk-test-abcdefghijklmnop1"
    request = HttpRequest(method="GET", url="https://h/?customer=7", headers=(("x-tenant", "blue"),))
    assert redactor.request(request) == HttpRequest(
        method="GET",
        url="https://h/?customer=[redacted:secret-1]",
        headers=(("x-tenant", "[redacted:secret-2]"),),
    )
    assert Redactor().text("ann@mail.test") == "ann@mail.test"


def test_a_broken_pattern_is_a_configuration_error() -> None:
    """A pattern that is no regular expression is named, not passed over."""
    with pytest.raises(ConfigInvalid, match="'mine' is not a regular expression"):
        Redactor(RedactionRules(patterns=(("mine", "("),)))


def test_media_keeps_its_bytes() -> None:
    """Base64 images and audio are no keys, even where their letters happen to spell one."""
    noise = random.Random(7).randbytes(30_000)
    key = SHAPES["aws"][0]
    blobs = [
        base64.b64encode(noise).decode(),
        base64.urlsafe_b64encode(noise).decode(),
        base64.b64encode(noise[:300]).decode() + f"/{key}/" + base64.b64encode(noise[:300]).decode(),
        base64.urlsafe_b64encode(noise[:300]).decode() + f"-{made('sk-', 20)}-" + LETTERS,
    ]
    for blob in blobs:
        document = {
            "input": [{"type": "image_url", "image_url": {"url": f"data:image/png;base64,{blob}"}}],
            "inlineData": {"mimeType": "audio/wav", "data": blob},
            "source": {"type": "base64", "media_type": "image/jpeg", "data": blob},
            "b64_json": blob,
        }
        body = json.dumps(document).encode()
        request = HttpRequest(method="POST", url="https://h/", body=body)
        assert Redactor(RedactionRules(emails=True)).request(request).body == body
        assert find_secrets(body.decode()) == ()


def test_every_part_of_an_event_is_redacted() -> None:
    """Tool arguments and values, messages, approvals, failures and boundaries leave no secret."""
    secret = SHAPES["anthropic"][0]
    requests: list[Request] = [
        ToolRequest(name="t", arguments={"a": [secret]}, idempotency_key=secret),
        HandoffRequest(sender="a", recipient="b", message={"text": secret}),
        ApprovalRequest(action=f"send {secret}", details=[secret]),
        HttpRequest(method="GET", url=f"https://h/{secret}"),
    ]
    failure = Failure(kind="E", module="m", message=secret, arguments=(secret, {"a": secret}))
    redactor = Redactor()
    for request in requests:
        for outcome in (
            ValueReply(value={"x": [secret]}),
            HttpReply(status=401, reason=secret),
            HttpReply(status=200, body=KeptBody(end=StreamEnd(kind=EndKind.CUT, failure=failure))),
            failure,
            None,
        ):
            event = Event(index=0, seam=Seam.TOOL, boundary=f"b {secret}", request=request, outcome=outcome)
            redacted = redactor.event(event)
            assert secret not in repr(redacted)
            assert redactor.event(redacted) == redacted


def test_nothing_changes_where_nothing_is_secret() -> None:
    """A body without secrets keeps its very bytes, spelling and spaces included."""
    body = b'{ "a" : 1.0e3,\n "b":"\\u00e9 and \xc3\xa9", "max_tokens": 5 }'
    request = HttpRequest(method="POST", url="https://h/?a=%7e", headers=(("a", "b"),), body=body)
    assert Redactor().request(request) == request
    value = {"a": (1, 2)}
    assert Redactor().json(value) is value


def test_rewriting_json_keeps_all_else() -> None:
    """Around a redacted string, numbers, escapes, order and spaces stay as they were."""
    secret = made("sk-", 40)
    body = '{"n": 1.50, "b":"\\u00e9\\/", "k" :"%s\\n", "k": 1e2}'
    request = HttpRequest(method="POST", url="https://h/", body=(body % secret).encode())
    assert Redactor().request(request).body == (body % "[redacted:secret-1]").encode()


def test_binary_bodies_are_left_alone_but_for_keys_in_them() -> None:
    """A body that is not UTF-8 keeps its bytes; a key among them goes."""
    noise = bytes(range(256)) * 8
    redactor = Redactor()
    request = HttpRequest(method="POST", url="https://h/", body=noise)
    assert redactor.request(request).body == noise
    planted = noise + SHAPES["anthropic"][0].encode() + noise
    redacted = redactor.request(HttpRequest(method="POST", url="https://h/", body=planted)).body
    assert redacted == noise + b"[redacted:secret-1]" + noise


def test_findings_are_masked_and_placed() -> None:
    """A finding tells kind and place, and shows three letters of the secret."""
    secret = SHAPES["groq"][0]
    (found,) = find_secrets(f"a {secret} [redacted:secret-1]")
    assert found == Finding(
        kind="api-key", start=2, end=2 + len(secret), excerpt=f"gsk*** ({len(secret)} characters)"
    )
    assert find_secrets('{"password": "[redacted:secret-1]"}') == ()


HOSTILE = [
    "sk-", "eyJa.", "Bearer ", "password=", 'secret_key="a', '"', "\\", '{"a":', "a@a.", "://a:", "0:AA",
    "-----BEGIN " + PEM, "[redacted:a-",
    "\\u0041", 'data: {"a":"sk-"}\n', "hooks.slack.com/services/T",
]  # fmt: skip


@pytest.mark.parametrize("unit", HOSTILE)
def test_hostile_texts_end(unit: str) -> None:
    """No repetition of a trigger makes detection more than linear; a quadratic one would not end here."""
    text = unit * (400_000 // len(unit))
    redactor = Redactor(RedactionRules(emails=True))
    redactor.text(text)
    redactor.json({"a": text, "password": text})
    find_secrets(text)
