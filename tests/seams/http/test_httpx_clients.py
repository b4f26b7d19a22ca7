"""Every way to build an httpx or httpx2 client: recorded once, replayed without a hit."""

from __future__ import annotations

import subprocess
import sys
import urllib.error
import urllib.request

import anthropic
import httpx
import httpx2
import openai
import pytest
import vcr

from agentops_eval.domain import ReplayMiss
from agentops_eval.seams.http import _aiohttp, _httpx, _urllib3
from tests.seams.http._clients import Kind, done, each_kind
from tests.seams.http._loopback import DOCUMENT
from tests.seams.http._memory import recording, replaying

_httpx.install()
_urllib3.install()
_aiohttp.install()


def base(kind: Kind, name: str):
    return getattr(kind.library, f"Async{name}" if kind.asynchronous else name)


def subclass(kind: Kind):
    """A transport that calls super, and marks what it sends."""

    class Marking(base(kind, "HTTPTransport")):
        def handle_request(self, request):
            request.headers["X-Marked"] = "yes"
            return super().handle_request(request)

        async def handle_async_request(self, request):
            request.headers["X-Marked"] = "yes"
            return await super().handle_async_request(request)

    return {"transport": Marking(verify=False)}


def around(kind: Kind):
    """The base of transports that stand around the library's own."""

    class Around(base(kind, "BaseTransport")):
        def __init__(self):
            self.inner = base(kind, "HTTPTransport")(verify=False)

        def close(self):
            self.inner.close()

        async def aclose(self):
            await self.inner.aclose()

    return Around


def wrapping(kind: Kind):
    """A transport around the library's own."""

    class Wrapping(around(kind)):
        def handle_request(self, request):
            return self.inner.handle_request(request)

        async def handle_async_request(self, request):
            return await self.inner.handle_async_request(request)

    return {"transport": Wrapping()}


def reading(kind: Kind):
    """A transport that logs: it reads the body of a reply before it hands it on."""

    class Reading(around(kind)):
        def handle_request(self, request):
            response = self.inner.handle_request(request)
            response.read()
            return response

        async def handle_async_request(self, request):
            response = await self.inner.handle_async_request(request)
            await response.aread()
            return response

    return {"transport": Reading()}


def foreign(kind: Kind):
    """A transport over urllib.request, which no seam knows."""

    def send(request):
        made = urllib.request.Request(str(request.url), method=request.method)
        with urllib.request.urlopen(made) as reply:
            return kind.library.Response(reply.status, headers=reply.headers.items(), content=reply.read())

    class Foreign(base(kind, "BaseTransport")):
        def handle_request(self, request):
            return send(request)

        async def handle_async_request(self, request):
            return send(request)

    return {"transport": Foreign()}


def nested(kind: Kind):
    """A transport over another client of the same library, which is seen as well."""

    class Nested(base(kind, "BaseTransport")):
        def handle_request(self, request):
            with kind.make() as client:
                return client.request(request.method, request.url)

        async def handle_async_request(self, request):
            async with kind.make() as client:
                return await client.request(request.method, request.url)

    return {"transport": Nested()}


def mounted(kind: Kind):
    """The transport of a mount."""
    mounts = {"http://": base(kind, "HTTPTransport")(verify=False), "all://elsewhere.invalid": None}
    return {"mounts": mounts}


BUILDS = {
    "plain": lambda _: {},
    "mounted": mounted,
    "subclass": subclass,
    "wrapping": wrapping,
    "reading": reading,
    "foreign": foreign,
    "nested": nested,
}


@each_kind
@pytest.mark.parametrize("name", BUILDS)
@pytest.mark.parametrize("path", ["/json", "/gzip"])
async def test_a_client_made_before_the_run_is_one_crossing(server, kind, name, path):
    """Whatever its transport, a call is recorded once, the agent gets its answer, and replay hits nobody."""
    async with kind.open(**BUILDS[name](kind)) as caller:
        live = (await caller.get(server.url + path)).content
        server.forget()
        with recording() as run:
            assert (await caller.get(server.url + path)).content == live
        assert [event.boundary for event in run.http] == [f"GET {server.url}{path}"]
        assert len(server.hits) == 1
        server.forget()
        with replaying(run.events) as again:
            assert (await caller.get(server.url + path)).content == live
            with pytest.raises(ReplayMiss):
                await caller.get(server.url + path)
    assert (server.hits, len(again.http)) == ([], 2)


@each_kind
async def test_a_foreign_transports_errors_replay(server, kind):
    """An error that is not the library's own comes back as the class that the caller can catch."""
    async with kind.open(**foreign(kind)) as caller:
        with recording() as run, pytest.raises(urllib.error.HTTPError) as first:
            await caller.get(server.url + "/status?code=500")
        first.value.close()
        server.stop()
        with replaying(run.events), pytest.raises(OSError, match="500"):
            await caller.get(server.url + "/status?code=500")


@each_kind
async def test_a_mock_transport_is_a_transport(kind):
    """Mocked answers are recorded with their standard reason, replayed, and missed where not recorded."""
    asked: list[str] = []

    def answer(request):
        asked.append(request.url.path)
        return kind.library.Response(201, json={"n": len(asked)})

    async with kind.open(transport=kind.library.MockTransport(answer)) as caller:
        live = await caller.get("http://mocked.invalid/a")
        with recording() as run:
            recorded = await caller.get("http://mocked.invalid/a")
        with replaying(run.events):
            replayed = await caller.get("http://mocked.invalid/a")
            with pytest.raises(ReplayMiss):
                await caller.get("http://mocked.invalid/b")
    heads = {
        (reply.status_code, reply.reason_phrase, reply.http_version) for reply in (live, recorded, replayed)
    }
    assert heads == {(201, "Created", "HTTP/1.1")}
    assert (recorded.json(), replayed.json(), asked) == ({"n": 2}, {"n": 2}, ["/a", "/a"])
    assert recorded.extensions == live.extensions


@each_kind
async def test_a_mock_at_the_transport_class_is_seen_like_the_world(server, kind, monkeypatch):
    """Plugins that replace the transport's method, before or amid a run, are recorded once."""
    transport = base(kind, "HTTPTransport")
    method = "handle_async_request" if kind.asynchronous else "handle_request"

    def mocked(self, request):
        return kind.library.Response(200, text="mocked")

    async def mocked_async(self, request):
        return mocked(self, request)

    async with kind.open() as caller:
        with recording() as run, monkeypatch.context() as patch:
            patch.setattr(transport, method, mocked_async if kind.asynchronous else mocked)
            assert (await caller.get(server.url + "/json")).text == "mocked"
        assert len(run.http) == 1
        with replaying(run.events):
            assert (await caller.get(server.url + "/json")).text == "mocked"
    assert server.hits == []


@each_kind
async def test_a_users_own_cassette_around_it_changes_nothing(server, kind, tmp_path):
    """Inside a vcr cassette a call is recorded once by us, and replayed from our recording."""
    async with kind.open() as caller:
        with vcr.use_cassette(str(tmp_path / "own.yaml")) as cassette:
            with recording() as run:
                assert (await caller.get(server.url + "/json")).content == DOCUMENT
            assert len(cassette) == len(run.http) == len(server.hits) == 1
        server.forget()
        with vcr.use_cassette(str(tmp_path / "other.yaml")) as cassette:
            with replaying(run.events):
                assert (await caller.get(server.url + "/json")).content == DOCUMENT
            assert len(cassette) == 0
    assert server.hits == []


SDKS = {
    "openai": lambda url: openai.OpenAI(base_url=url, api_key="k"),
    "openai-default": lambda url: openai.OpenAI(
        base_url=url, api_key="k", http_client=openai.DefaultHttpxClient()
    ),
    "openai-legacy": lambda url: openai.OpenAI(base_url=url, api_key="k", http_client=httpx.Client()),
    "openai-async": lambda url: openai.AsyncOpenAI(base_url=url, api_key="k"),
    "openai-async-legacy": lambda url: openai.AsyncOpenAI(
        base_url=url, api_key="k", http_client=httpx.AsyncClient()
    ),
    "openai-aiohttp": lambda url: openai.AsyncOpenAI(
        base_url=url, api_key="k", http_client=openai.DefaultAioHttpClient()
    ),
    "anthropic": lambda url: anthropic.Anthropic(base_url=url, api_key="k"),
    "anthropic-async": lambda url: anthropic.AsyncAnthropic(base_url=url, api_key="k"),
}


@pytest.mark.parametrize("name", SDKS)
async def test_clients_of_sdks_are_one_crossing(server, name):
    """Each SDK over each of its transports is recorded once and replays without a hit."""
    sdk = SDKS[name](server.url)

    async def call(path: str) -> object:
        return await done(sdk.post(path, body={"question": 1}, cast_to=object))

    with recording() as run:
        recorded = await call("/echo")
    assert len(run.http) == len(server.hits) == 1
    server.forget()
    with replaying(run.events) as again:
        assert await call("/echo") == recorded
        with pytest.raises(ReplayMiss):
            await call("/echo")
    assert (server.hits, len(again.http)) == ([], 2)
    await done(sdk.close())


@pytest.mark.parametrize("library", [httpx, httpx2])
async def test_uploads_of_generators_reach_the_server_over_aiohttp(server, library):
    """A generator's upload is sent in a framing that the transport can handle, and recorded whole."""

    async def parts():
        yield b"one;"
        yield b"two"

    async with openai.DefaultAioHttpClient() if library is httpx2 else httpx.AsyncClient() as client:
        with recording() as run:
            told = (await client.post(server.url + "/echo", content=parts())).json()
    assert told["body"] == "one;two"
    assert run.http[0].request.body == b"one;two"


@pytest.mark.parametrize("library", [httpx, httpx2])
async def test_applications_of_this_process_are_not_the_world(server, library):
    """ASGI and WSGI transports pass through in every mode, and what the application calls is seen."""

    async def asgi(scope, receive, send):
        async with library.AsyncClient(verify=False) as client:
            body = (await client.get(server.url + "/json")).content
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": body})

    def wsgi(environ, start_response):
        start_response("200 OK", [])
        with library.Client(verify=False) as client:
            return [client.get(server.url + "/json").content]

    class OwnASGI(library.ASGITransport):
        """A subclass, as testing libraries have it."""

    class _TestClientTransport(library.BaseTransport):
        def handle_request(self, request):
            return library.Response(200, content=DOCUMENT)

    class InProcessClient(library.Client):
        def __init__(self):
            super().__init__(transport=_TestClientTransport())

    async def call() -> list[bytes]:
        bodies = []
        for transport in (library.ASGITransport(asgi), OwnASGI(asgi)):
            async with library.AsyncClient(transport=transport) as client:
                assert client._transport_for_url(library.URL("http://app")) is transport
                bodies.append((await client.get("http://app/")).content)
        with library.Client(transport=library.WSGITransport(wsgi)) as client:
            bodies.append(client.get("http://app/").content)
        with InProcessClient() as client:
            bodies.append(client.get("http://app/").content)
        return bodies

    with recording() as run:
        assert await call() == [DOCUMENT] * 4
    assert [event.boundary for event in run.http] == [f"GET {server.url}/json"] * 3
    server.forget()
    with replaying(run.events) as again:
        assert await call() == [DOCUMENT] * 4
    assert (server.hits, again.scope.problems) == ([], [])


FRESH = """
import asyncio, httpx, httpx2
clients = [httpx.Client(), httpx2.Client(), httpx.AsyncClient(), httpx2.AsyncClient()]
from agentops_eval.seams.http import _httpx
from tests.seams.http._clients import done
from tests.seams.http._loopback import Loopback
from tests.seams.http._memory import recording, replaying
_httpx.install()
async def work():
    with recording() as run:
        answers = [(await done(client.get(server.url + "/json"))).content for client in clients]
    assert len(run.http) == 4, run.http
    server.forget()
    with replaying(run.events):
        assert [(await done(client.get(server.url + "/json"))).content for client in clients] == answers
    assert server.hits == []
    for client in clients:
        await done((getattr(client, "aclose", None) or client.close)())
with Loopback() as server:
    asyncio.run(work())
"""
ALIASED = """
import httpx2
httpx2.alias_httpx()
from agentops_eval.seams.http import _httpx
_httpx.install()
import httpx
from tests.seams.http._loopback import Loopback
from tests.seams.http._memory import recording
assert httpx is httpx2
with Loopback() as server, recording() as run:
    httpx.get(server.url + "/json")
assert len(run.http) == 1, run.http
"""
LAZY = """
import sys
from agentops_eval.seams.http import _httpx
_httpx.install()
assert not {"httpx", "httpx2"} & set(sys.modules), "installing imported a client"
import httpx, httpx2
for library in (httpx, httpx2):
    assert library.Client._transport_for_url.__module__ == "agentops_eval.seams.http._httpx"
"""


@pytest.mark.parametrize("script", [FRESH, ALIASED, LAZY], ids=["fresh", "aliased", "lazy"])
def test_in_a_fresh_process(script):
    """Clients older than the patch are seen, httpx2 under both names is patched once, nothing is imported."""
    command = [sys.executable, "-W", "error", "-c", script]
    ended = subprocess.run(command, check=False, capture_output=True, text=True)
    assert (ended.returncode, ended.stderr) == (0, "")
