"""The HTTP API, request by request, at whichever server."""

from __future__ import annotations

import socket
import uuid
from urllib.parse import quote

import pytest

from tests.chaos.toxiproxy._kit import connected, exactly

UPSTREAM = "127.0.0.1:9"


@pytest.fixture
def name(raw):
    """A name of a proxy that is removed at the end."""
    name = f"api-{uuid.uuid4().hex}"
    yield name
    raw.ask("DELETE", f"/proxies/{name}")


def made(raw, name, **fields):
    body = {"name": name, "upstream": UPSTREAM, "listen": "127.0.0.1:0", **fields}
    status, document = raw.ask("POST", "/proxies", body)
    assert status == 201
    return document


def test_a_proxy_is_created_shown_listed_and_deleted(raw, name):
    """Creation answers 201 with the port that was chosen; deletion 204, and then it is not found."""
    proxy = made(raw, name)
    assert {**proxy, "listen": ""} == {
        "name": name, "listen": "", "upstream": UPSTREAM, "enabled": True, "toxics": [],
    }  # fmt: skip
    assert int(proxy["listen"].removeprefix("127.0.0.1:")) > 0
    assert raw.ask("GET", f"/proxies/{name}") == (200, proxy)
    assert raw.ask("GET", "/proxies")[1][name] == proxy
    assert raw.ask("DELETE", f"/proxies/{name}") == (204, None)
    assert raw.ask("GET", f"/proxies/{name}") == (404, {"error": "proxy not found", "status": 404})


def test_errors_are_documents_with_their_status(raw, name):
    """What is there already is 409, what is missing 404, what cannot be meant 400, each with its reason."""
    made(raw, name)
    again = {"name": name, "upstream": UPSTREAM}
    assert raw.ask("POST", "/proxies", again) == (409, {"error": "proxy already exists", "status": 409})
    toxics = f"/proxies/{name}/toxics"
    assert raw.ask("POST", toxics, {"type": "latency"})[0] == 200
    twice = raw.ask("POST", toxics, {"type": "latency"})
    assert twice == (409, {"error": "toxic already exists", "status": 409})
    assert raw.ask("GET", f"{toxics}/none") == (404, {"error": "toxic not found", "status": 404})
    for path, body, reason in (
        ("/proxies", {"upstream": UPSTREAM}, "missing required field: name"),
        ("/proxies", {"name": "x"}, "missing required field: upstream"),
        (toxics, {"type": "sunshine"}, "invalid toxic type"),
        (toxics, {"type": "latency", "stream": "sideways"}, "stream was invalid"),
        (toxics, {"type": "latency", "attributes": {"latency": "long"}}, "bad request body"),
    ):
        status, document = raw.ask("POST", path, body)
        assert (status, document["status"]) == (400, 400)
        assert document["error"].startswith(reason)
    status, document = raw.ask("POST", "/proxies", raw=b'{"name": ')
    assert (status, document["error"][:17]) == (400, "bad request body:")


def test_a_listen_port_that_is_taken_is_a_500(raw, name):
    """The clash is told with the address, and the proxy is not there."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        listen = f"127.0.0.1:{other.getsockname()[1]}"
        status, document = raw.ask("POST", "/proxies", {"name": name, "upstream": UPSTREAM, "listen": listen})
    assert status == 500
    assert listen in document["error"]
    assert "address already in use" in document["error"]
    assert raw.ask("GET", f"/proxies/{name}")[0] == 404


def test_a_toxic_has_its_defaults_and_all_its_attributes(raw, name):
    """Named after its type and stream, downstream, for every connection; what was not given is 0."""
    made(raw, name)
    status, toxic = raw.ask("POST", f"/proxies/{name}/toxics", {"type": "latency"})
    assert status == 200
    assert toxic == {
        "name": "latency_downstream", "type": "latency", "stream": "downstream", "toxicity": 1.0,
        "attributes": {"latency": 0, "jitter": 0},
    }  # fmt: skip
    assert raw.ask("GET", f"/proxies/{name}/toxics") == (200, [toxic])
    assert raw.ask("GET", f"/proxies/{name}/toxics/latency_downstream") == (200, toxic)


@pytest.mark.parametrize("verb", ["PATCH", "POST"])
def test_an_update_changes_what_it_names(raw, name, verb):
    """Attributes that are not named stay, and so do name, type and stream; POST does what PATCH does."""
    made(raw, name)
    path = f"/proxies/{name}/toxics"
    raw.ask("POST", path, {"type": "latency", "attributes": {"latency": 5, "jitter": 3}})
    status, toxic = raw.ask(
        verb, f"{path}/latency_downstream", {"toxicity": 0.5, "attributes": {"latency": 9}, "name": "other"}
    )
    assert (status, toxic["attributes"], toxic["toxicity"]) == (200, {"latency": 9, "jitter": 3}, 0.5)
    assert toxic["name"] == "latency_downstream"
    status, proxy = raw.ask(verb, f"/proxies/{name}", {"enabled": False})
    assert (status, proxy["enabled"], proxy["toxics"]) == (200, False, [toxic])


def test_reset_takes_toxics_off_and_proxies_up(raw, name):
    """After a reset a proxy that was down listens where it did, without toxics."""
    before = made(raw, name)
    raw.ask("POST", f"/proxies/{name}/toxics", {"type": "timeout"})
    raw.ask("PATCH", f"/proxies/{name}", {"enabled": False})
    assert raw.ask("POST", "/reset") == (204, None)
    assert raw.ask("GET", f"/proxies/{name}") == (200, before)


def test_populate_keeps_what_is_equal_and_replaces_what_is_not(raw, name, upstream):
    """An equal proxy keeps its toxics; one with another upstream is made anew."""
    before = made(raw, name)
    raw.ask("POST", f"/proxies/{name}/toxics", {"type": "timeout"})
    equal = {"name": name, "listen": before["listen"], "upstream": UPSTREAM}
    status, document = raw.ask("POST", "/populate", [equal])
    assert status == 201
    assert len(document["proxies"][0]["toxics"]) == 1
    status, document = raw.ask("POST", "/populate", [{**equal, "upstream": upstream.address}])
    assert (status, document["proxies"][0]["toxics"]) == (201, [])
    host, _, port = document["proxies"][0]["listen"].rpartition(":")
    with connected((host, int(port))) as client:
        client.sendall(b"x")
        assert exactly(client, 1) == b"x"


def test_populate_checks_everything_before_it_does_anything(raw, name):
    """Of a list with a fault nothing is created."""
    status, document = raw.ask("POST", "/populate", [{"name": name, "upstream": UPSTREAM}, {"name": "x"}])
    assert (status, document["error"]) == (400, "missing required field: upstream at proxy 2")
    assert raw.ask("GET", f"/proxies/{name}")[0] == 404


def test_browsers_are_refused(raw):
    """A page that a browser shows cannot reach the API."""
    assert raw.ask("GET", "/proxies", agent="Mozilla/5.0 (X11)")[0] == 403
    assert raw.ask("GET", "/version", agent="curl/8")[0] == 200


def test_addresses_are_shown_as_numbers(raw, name):
    """A proxy that is to listen at localhost says 127.0.0.1."""
    assert made(raw, name, listen="localhost:0")["listen"].startswith("127.0.0.1:")


def test_names_of_any_script_are_found_by_their_escaped_path(raw):
    """Spaces, percent signs, quotes and letters of any script, escaped in the path."""
    for name in ("naïve café", "代理", "50% ?#&", '"quoted"'):
        made(raw, name)
        assert raw.ask("GET", f"/proxies/{quote(name, safe='')}")[1]["name"] == name
        assert raw.ask("DELETE", f"/proxies/{quote(name, safe='')}")[0] == 204


@pytest.mark.usefixtures("ours_only")
def test_a_slash_in_a_name_is_part_of_it(raw):
    """An escaped slash is no separator here, so that every proxy can be removed again."""
    made(raw, "a/b")
    assert raw.ask("POST", "/proxies/a%2Fb/toxics", {"type": "latency", "name": "c/d"})[0] == 200
    assert raw.ask("DELETE", "/proxies/a%2Fb/toxics/c%2Fd")[0] == 204
    assert raw.ask("DELETE", "/proxies/a%2Fb")[0] == 204


@pytest.mark.usefixtures("ours_only")
@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"listen": "0.0.0.0:0"}, "loopback only"),
        ({"listen": "[::]:0"}, "loopback only"),
        ({"listen": ":0"}, "loopback only"),
        ({"upstream": "192.0.2.1:80"}, "loopback only"),
        ({"upstream": "example.com:80"}, "loopback only"),
        ({"upstream": "127.0.0.1"}, "host:port"),
        ({"upstream": "127.0.0.1:٣"}, "host:port"),
        ({"upstream": "127.0.0.1:70000"}, "host:port"),
        ({"upstream": "::1:80"}, "too many colons"),
        ({"name": ".."}, "cannot be a name"),
        ({"name": "a\x00b"}, "cannot be a name"),
        ({"name": "\ud800"}, "cannot be a name"),
        ({"name": "x" * 501}, "cannot be a name"),
        ({"name": 5}, "text"),
        ({"enabled": "no"}, "true or false"),
    ],
)
def test_what_must_not_be_is_refused(raw, fields, told):
    """Nothing listens or leads beyond loopback, and names and flags are what they seem."""
    status, document = raw.ask("POST", "/proxies", {"name": "x", "upstream": UPSTREAM, **fields})
    assert status == 400
    assert told in document["error"]


@pytest.mark.usefixtures("ours_only")
@pytest.mark.parametrize(
    "body",
    [
        {"type": "latency", "toxicity": 1.5},
        {"type": "latency", "toxicity": True},
        {"type": "latency", "attributes": {"latency": -1}},
        {"type": "latency", "attributes": {"latency": 1.5}},
        {"type": "latency", "attributes": {"latency": True}},
        {"type": "latency", "attributes": [1]},
        {"type": "slicer", "attributes": {"average_size": 0}},
        {"type": "slicer", "attributes": {"average_size": 5, "size_variation": 5}},
        {"type": "noop"},
        [],
        "latency",
    ],
)
def test_toxics_that_cannot_be_meant_are_refused(raw, name, body):
    """Numbers out of their range, attributes of another type, types that do not exist."""
    made(raw, name)
    assert raw.ask("POST", f"/proxies/{name}/toxics", body)[0] == 400
    assert raw.ask("GET", f"/proxies/{name}/toxics") == (200, [])


@pytest.mark.usefixtures("ours_only")
def test_a_move_to_a_port_that_is_taken_leaves_the_proxy_as_it_was(raw, name, upstream):
    """The old port still answers, and open connections are not broken."""
    before = made(raw, name, upstream=upstream.address)
    host, _, port = before["listen"].rpartition(":")
    with socket.create_server(("127.0.0.1", 0)) as other, connected((host, int(port))) as client:
        client.sendall(b"x")
        assert exactly(client, 1) == b"x"
        taken = f"127.0.0.1:{other.getsockname()[1]}"
        assert raw.ask("PATCH", f"/proxies/{name}", {"listen": taken})[0] == 500
        assert raw.ask("GET", f"/proxies/{name}") == (200, before)
        client.sendall(b"y")
        assert exactly(client, 1) == b"y"


@pytest.mark.usefixtures("ours_only")
def test_proxies_and_toxics_are_bounded(raw):
    """A client that creates without end is refused before the machine suffers."""
    many = [{"name": f"n{n}", "upstream": UPSTREAM, "enabled": False} for n in range(257)]
    status, document = raw.ask("POST", "/populate", many)
    assert (status, "at most 256" in document["error"]) == (400, True)
    for n in range(64):
        assert raw.ask("POST", "/proxies/n0/toxics", {"type": "latency", "name": f"t{n}"})[0] == 200
    assert raw.ask("POST", "/proxies/n0/toxics", {"type": "latency"})[0] == 400
