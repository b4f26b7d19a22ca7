"""Which names give away that what they hold is a secret: of fields, parameters, headers, variables.

A name goes by its ending: ``github_token``, ``GITHUB_TOKEN`` and ``githubToken`` end in the word
``token``. A strong ending tells whatever the value looks like, a weak one only where the value looks
drawn at random: log probabilities have a token as well, and prompts a secret.
"""

from __future__ import annotations

import re
from functools import lru_cache

# Joined words. A name that ends in one of them holds a secret.
_STRONG = {
    "password": "password",
    "passwd": "password",
    "passphrase": "password",
    "pwd": "password",
    "apikey": "api-key",
    "accesstoken": "access-token",
    "authtoken": "access-token",
    "apitoken": "access-token",
    "bearertoken": "access-token",
    "refreshtoken": "refresh-token",
    "idtoken": "id-token",
    "sessiontoken": "session-token",
    "securitytoken": "session-token",
    "csrftoken": "csrf-token",
    "clientsecret": "client-secret",
    "clientassertion": "client-secret",
    "appsecret": "client-secret",
    "apisecret": "client-secret",
    "consumersecret": "client-secret",
    "secretkey": "secret-key",
    "secretaccesskey": "secret-key",
    "signingkey": "secret-key",
    "encryptionkey": "secret-key",
    "webhooksecret": "secret-key",
    "privatekey": "private-key",
    "authorization": "authorization",
    "cookie": "cookie",
    "connectionstring": "connection-string",
}
# What stands before "key" where that is one to a door, and not to a dictionary, a cache or a sorted list.
KEY_WORDS = (
    "access", "account", "admin", "app", "application", "auth", "client", "consumer", "developer", "function",
    "functions", "hmac", "ingest", "ingestion", "instrumentation", "integration", "license", "master",
    "rapidapi", "sas", "server", "service", "session", "shared", "ssh", "storage", "subscription", "write",
)  # fmt: skip
_WEAK = {
    "token": "token",
    "secret": "secret",
    "credential": "secret",
    "credentials": "secret",
    "auth": "secret",
    "jwt": "token",
    "sessionid": "session-token",
    "jsessionid": "session-token",
    "phpsessid": "session-token",
    "authcode": "code",
    "authorizationcode": "code",
    "devicecode": "code",
} | {f"{word}key": "api-key" for word in KEY_WORDS}
# Also where a name that is written as one word, such as "dbpassword", ends in them.
_LONG = (
    "password",
    "passwd",
    "passphrase",
    "apikey",
    "secretkey",
    "clientsecret",
    "accesstoken",
    "authtoken",
)
# The last word of a name of several: what the cheap look at a text searches for.
_LAST = re.compile(
    r"(?:token|secret|key|password|passwd|passphrase|pwd|assertion|authorization|cookie|string"
    r"|credentials?|auth|jwt|sess(?:ion)?id|code)\Z"
)
_SEPARATED = re.compile(r"(?:client[-_]?assertion|connection[-_]?string)\Z", re.IGNORECASE)
# Pages of a list, parts of a text: what stands before "token" where it opens no door.
_NO_SECRET_TOKEN = frozenset({
    "page", "next", "previous", "prev", "continuation", "cursor", "sync", "progress", "resume", "checkpoint",
    "idempotency", "request", "delta", "change", "skip", "start", "end", "first", "last", "new", "old",
    "max", "min", "num", "number", "total", "count", "per", "prompt", "completion", "input", "output",
    "cached", "reasoning", "thinking", "text", "image", "audio", "eos", "bos", "pad", "sep", "cls", "unk",
    "mask", "stop", "special", "top", "sub", "vocab",
})  # fmt: skip
_QUESTIONS = frozenset(
    {"has", "is", "no", "show", "use", "uses", "need", "needs", "require", "requires", "forgot"}
)

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_BREAK = re.compile(r"[^A-Za-z0-9_. -]|[-_. ]{3,}")
_CODE = re.compile(r"(?=[^A-Z]*[A-Z])(?=[^a-z]*[a-z])(?=[^0-9]*[0-9])[\w./~+%=-]{20,512}", re.ASCII)
_OPAQUE = re.compile(r"[\x21-\x7e]+")
SEPARATORS = str.maketrans("", "", "-_. ")

_VARIABLE = {"pass": "password", "pat": "token", "key": "api-key"}


def field_kind(name: str, value: str) -> str:
    """The kind of secret that ``value`` is in a field of this name; empty where it is none."""
    kind, strong = named(name)
    if strong or not kind:
        return kind
    if kind == "code":
        return kind if _CODE.fullmatch(value) else ""
    return kind if opaque(value) and "://" not in value else ""


@lru_cache(maxsize=4096)
def named(name: str) -> tuple[str, bool]:
    """The kind of the longest ending of ``name`` that tells of secrets, and whether it does so alone."""
    words = _words(name)
    if not words or not name[-1].isalpha() or not _LAST.search(words[-1]):
        return "", False
    if words == ["code"]:
        return "code", False
    if words[-1] in ("assertion", "string") and not _SEPARATED.search(name):
        return "", False
    for first in range(max(0, len(words) - 5), len(words)):
        ending, before = "".join(words[first:]), words[first - 1] if first else ""
        strong = _STRONG.get(ending)
        if strong:
            return ("", False) if before in _QUESTIONS else (strong, True)
        weak = _WEAK.get(ending)
        if weak:
            return ("", False) if ending == "token" and before in _NO_SECRET_TOKEN else (weak, False)
    long = next((ending for ending in _LONG if words[-1].endswith(ending)), "")
    return (_STRONG[long], True) if long else ("", False)


def _words(name: str) -> list[str]:
    """The words behind the last character that can be in no name; humps begin words too."""
    return [word.lower() for word in _WORD.findall(_BREAK.split(name[-200:])[-1])]


def ending_kind(name: str) -> str:
    """The kind of the longest ending of ``name`` that tells of secrets, as in ``DB_PASSWORD``; or empty."""
    return named(name)[0]


@lru_cache(maxsize=1024)  # an environment has a few hundred names, and they are asked again in every run
def variable_kind(name: str) -> str:
    """The kind of secret that an environment variable of this name holds; empty for a harmless one."""
    words = _words(name)
    while words and words[-1].isdigit():  # OPENAI_API_KEY_2
        words.pop()
    if not words or words in (["pwd"], ["oldpwd"]):  # where the shell is
        return ""
    kind = named("_".join(words))[0]
    if kind or "public" in words[-2:]:
        return kind
    return _VARIABLE.get(words[-1], "")


_NO_SECRET_KEY = frozenset({
    "idempotency", "cache", "surrogate", "websocket", "partition", "routing", "public", "sort", "object",
    "host", "dedup", "deduplication", "request", "message", "group", "primary", "row", "foreign",
    "order", "shard",
})  # fmt: skip
_HEADER_ENDING = re.compile(
    r"(?:^|(?<!-per)(?<!allow)-)"
    rf"(?:(?:api|secret|private|signing|encryption|{'|'.join(KEY_WORDS)})-?(?P<key>key)"
    r"|[a-z]*(?P<word>token|secret|password)|(?P<other>authorization|credentials?|signature|auth|jwt))\Z"
)
WEAK_HEADER = "key"
"""The kind of a header that may hold a key: only a value that looks drawn at random is one."""


@lru_cache(maxsize=1024)
def header_ending(name: str) -> str:
    """The kind of secret that a header of this lower-case name holds, by its ending; or empty."""
    name = name.replace("_", "-")
    found = _HEADER_ENDING.search(name)
    if found is not None:
        return "api-key" if found["key"] else found["word"] or found["other"]
    before, _, last = name.rpartition("-")
    if last == "key" and before and before.rpartition("-")[2] not in _NO_SECRET_KEY:
        return WEAK_HEADER
    return ""


# -- the cheap look -----------------------------------------------------------------------------

_NEEDLES = ("passphrase", "secret", "bearer", "credential", "private", "clientassertion", "connectionstring")
_SPACE = r"[\s\\nrt]*+"  # also as it is written inside other JSON


def _closed(quote: str) -> re.Pattern[str]:
    """Where a JSON string ends, at ``quote``, that may be a name."""
    return re.compile(
        rf"{quote}(?<=[dhe]{quote})(?:(?<=sessid{quote})|(?<=sessionid{quote})|(?<=auth{quote})"
        rf"|(?<=code{quote})\\*+\"?+{_SPACE}:{_SPACE}\"[\w\\./~+%=-]{{20}})",
        re.ASCII,
    )


# One pass each, anchored at a rare letter: far cheaper than a needle for every spelling.
_ANCHORED = (
    re.compile(r"_(?:(?<=api_)key|(?<=ing_)key|(?<=ion_)key|token\b|assertion|(?<=connection_)string)"),
    re.compile(r"-(?:(?<=api-)key|assertion|(?<=connection-)string)"),
    re.compile(r"k(?:(?<=tok)en[\"'\\=:]|(?<=apik)ey|(?<=cook)ie)"),
    re.compile(r"w(?:(?<=passw)|(?<=pw)d)"),
    re.compile(r"z(?<=authoriz)ation"),
    re.compile(r"jwt[\"\\]"),
    _closed('"'),
    _closed(r"\\"),
)
_ENDED = re.compile(rf"(?:key|string|assertion)\\*+\"{_SPACE}:")
_BEFORE = (*KEY_WORDS, "api", "signing", "encryption", "secret", "private", "connection", "client")


def may_name(folded: str) -> bool:
    """Whether a name in a lower-case text may tell of a secret; cheap, and never wrongly False."""
    if any(needle in folded for needle in _NEEDLES) or any(p.search(folded) for p in _ANCHORED):
        return True
    for found in _ENDED.finditer(folded):
        at = found.start()
        if folded[max(0, at - 64) : at].translate(SEPARATORS).endswith(_BEFORE):
            return True
    return False


def opaque(value: str, *, least: int = 16) -> bool:
    """Whether a value looks drawn at random rather than written: letters and digits, no space."""
    if len(value) < least or not _OPAQUE.fullmatch(value):
        return False
    return any(c.isdigit() for c in value) and any(c.isalpha() for c in value)
