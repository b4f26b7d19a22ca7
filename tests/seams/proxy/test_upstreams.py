"""What stands behind the proxy, and what the agent's environment says of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.domain import ConfigInvalid
from agentops_eval.replay import read_cassette
from agentops_eval.seams.proxy import DEFAULTS, Plan, Upstream, plan
from tests.seams.http._loopback import Loopback
from tests.seams.proxy._rig import ask, proxied

BASE = "http://127.0.0.1:1"


def _plan(environ: dict[str, str] | None = None, **more: dict[str, str]) -> Plan:
    parts: dict[str, dict[str, str]] = {"given": {}, "recorded": {}, "extra": {}, **more}
    return plan(environ or {}, given=parts["given"], recorded=parts["recorded"], extra=parts["extra"])


def test_the_sdks_own_addresses_stand_behind_it_by_default() -> None:
    """Nothing is said: three upstreams, four variables, and nothing that a recording has to keep."""
    made = _plan()
    assert {name: upstream.url for name, upstream in made.upstreams.items()} == DEFAULTS
    environment = made.environment(BASE, {"NO_PROXY": "intern.example"})
    assert environment["OPENAI_BASE_URL"] == environment["OPENAI_API_BASE"] == f"{BASE}/openai/v1"
    assert environment["ANTHROPIC_BASE_URL"] == f"{BASE}/anthropic"
    assert environment["GOOGLE_GEMINI_BASE_URL"] == f"{BASE}/google"
    assert (environment["NO_PROXY"], environment["no_proxy"]) == (
        "intern.example,127.0.0.1,localhost",
        "127.0.0.1,localhost",
    )
    assert environment["AGENTOPS_PROXY_URL"] == BASE
    assert "GROQ_BASE_URL" not in environment
    assert made.special == {}


def test_what_is_given_comes_before_the_recording_and_this_before_the_environment() -> None:
    """One precedence; the path of a variable is that of the upstream that won."""
    environ = {"OPENAI_BASE_URL": "https://env.example/e"}
    recorded, given = {"openai": "https://recorded.example/r"}, {"openai": "https://given.example/g"}
    for parts, wanted in (
        ({"recorded": recorded, "given": given}, "https://given.example/g"),
        ({"recorded": recorded}, "https://recorded.example/r"),
        ({}, "https://env.example/e"),
    ):
        made = _plan(environ, **parts)
        assert made.upstreams["openai"].url == wanted
        assert made.variables["OPENAI_BASE_URL"] == f"/openai/{wanted[-1]}"
        assert made.special == {"openai": wanted}


def test_variables_that_name_different_hosts_keep_them_apart() -> None:
    """The second host gets a name of its own; the same host in another path does not."""
    made = _plan(
        {
            "OPENAI_BASE_URL": "https://one.example/v1",
            "OPENAI_API_BASE": "https://two.example/v1/",
            "AZURE_OPENAI_ENDPOINT": "https://one.example/azure",
        }
    )
    assert made.variables["OPENAI_BASE_URL"] == "/openai/v1"
    assert made.variables["OPENAI_API_BASE"] == "/openai-2/v1"
    assert made.variables["AZURE_OPENAI_ENDPOINT"] == "/openai/azure"
    assert made.target("/openai-2/v1/chat") == "https://two.example/v1/chat"


def test_further_variables_lead_to_paths_of_known_upstreams() -> None:
    """--env with a path whose first step is an upstream, however the slashes stand."""
    made = _plan(given={"local": "http://127.0.0.1:11434"}, extra={"LLM_URL": "/local/v1/"})
    assert made.variables["LLM_URL"] == "/local/v1"
    for wrong in ({"LLM_URL": "nix/v1"}, {"L-U": "openai"}, {"LLM_URL": "/"}):
        with pytest.raises(ConfigInvalid, match="does not lead to an upstream"):
            _plan(extra=wrong)


@pytest.mark.parametrize(
    "url",
    (
        "nothing llm.example ftp://a http:// http://a:x http://a:0 http://a?b http://a#b http://\xe4 "
        "http://a\tb http://u:hush@a"
    ).split(" "),
)
def test_what_is_no_address_is_refused(url: str) -> None:
    """With the way it is written, and without the password in it."""
    with pytest.raises(ConfigInvalid) as caught:
        Upstream(name="up", url=url)
    assert "up cannot be an upstream" in str(caught.value)
    assert "hush" not in str(caught.value)


def test_a_variable_of_the_environment_that_is_no_address_is_named() -> None:
    """An --upstream of that name makes it unimportant."""
    with pytest.raises(ConfigInvalid, match="the environment variable OPENAI_BASE_URL"):
        _plan({"OPENAI_BASE_URL": "nonsense"})
    assert _plan({"OPENAI_BASE_URL": "nonsense"}, given={"openai": "http://a/v1"}).variables[
        "OPENAI_BASE_URL"
    ]


@given(path=st.text(st.characters(max_codepoint=255, exclude_characters="\r\n #"), max_size=40))
def test_no_path_leads_to_another_host(path: str) -> None:
    """Whatever follows the name is a path at its upstream, in printable ASCII."""
    target = _plan().target(f"/openai/{path}")
    assert target is not None
    assert target.startswith("https://api.openai.com/")
    assert target.isascii()
    assert all("!" <= character <= "~" for character in target)


@given(path=st.text(max_size=20))
def test_what_does_not_begin_with_an_upstream_leads_nowhere(path: str) -> None:
    """Names are whole steps."""
    assert _plan().target(f"/openaix{path.replace('/', '')}") is None
    assert _plan().target(path.lstrip("/")) is None


def test_the_forward_proxy_of_the_environment_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An upstream that is reached through HTTP_PROXY only is reached, under its own address."""
    with Loopback() as server:
        monkeypatch.setenv("http_proxy", server.url)
        with proxied(tmp_path / "c.cassette.jsonl", "http://llm.test") as (proxy, _):
            seen = ask(f"{proxy.url}/up", "/json?a=b")
        assert (seen.status, server.hits) == (200, ["GET /json"])
    assert read_cassette(tmp_path / "c.cassette.jsonl").events[0].boundary == "GET http://llm.test/json"
