"""Providers: what they do, and what they refuse before anything is done."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from agentops_eval.domain import ActivityRefused, ActivityStatus, ExperimentInvalid, Json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.harness.experimenting._kit import Home


def one(home: Home, provider: dict[str, Any], **more: Any) -> tuple[ActivityStatus | None, Json, str]:
    """What a single activity comes to: its status, its output, and its error."""
    method = [{"type": "action", "name": "it", "provider": provider}]
    (run,) = home.run(method=method, **more).journal.run
    return run.status, run.output, "\n".join(run.exception)


def python(home: Home, func: str, **arguments: Any) -> dict[str, Any]:
    """The provider of a function of the project."""
    return {"type": "python", "module": home.module, "func": func, "arguments": arguments}


def test_a_function_of_the_project_is_called(home: Home) -> None:
    """It gives what the function gives, a coroutine's result too."""
    assert one(home, python(home, "told", value=[1]))[1] == {"echo": [1]}
    assert one(home, python(home, "later", value=7))[1] == 7


def test_what_a_function_raises_is_the_activitys_failure(home: Home) -> None:
    """The journal has the error, and the experiment has shown nothing: it counts as failed."""
    status, _, error = one(home, python(home, "fail", text="no cache"))
    assert (status, error) == (ActivityStatus.FAILED, "RuntimeError: no cache")
    assert home.run(method=[home.python("it", "fail")]).exit_code == 2


@pytest.mark.parametrize(
    "module", ["os", "subprocess", "yaml", "agentops_eval.cli", "no_such", "../x", "a..b"]
)
def test_code_from_outside_of_the_project_is_refused(home: Home, module: str) -> None:
    """The standard library and installed packages are none of an experiment's business."""
    with pytest.raises(ActivityRefused, match="project has no module"):
        one(home, {"type": "python", "module": module, "func": "system"})
    assert home.journals == []


def test_a_function_that_there_is_not_names_the_nearest(home: Home) -> None:
    """The error says what was probably meant."""
    assert "'write'" in one(home, python(home, "writ"))[2]


def test_a_module_that_cannot_be_imported_is_told(home: Home) -> None:
    """An import error is the activity's failure, with its text."""
    (home.root / "broken_ops.py").write_text("import no_such_thing")
    status, _, error = one(home, {"type": "python", "module": "broken_ops", "func": "x"})
    assert status is ActivityStatus.FAILED
    assert "no_such_thing" in error


def test_a_program_is_started_without_a_shell(home: Home) -> None:
    """Words are words: nothing in them is run, whatever form they are given in."""
    for arguments in (["$(id); `id`", "a b"], "'$(id); `id`' 'a b'"):
        _, output, _ = one(home, {"type": "process", "path": "echo", "arguments": arguments})
        assert output == {"status": 0, "stdout": "$(id); `id` a b\n", "stderr": ""}
    _, output, _ = one(home, {"type": "process", "path": "echo", "arguments": {"--n": 3, "-x": ""}})
    assert output == {"status": 0, "stdout": "--n 3 -x\n", "stderr": ""}


def test_an_action_whose_program_fails_has_failed(home: Home) -> None:
    """What was to be broken is whole, or what was to be undone is not; of a probe the code is the output."""
    failing = {"type": "process", "path": "sh", "arguments": ["-c", "echo no such unit >&2; exit 3"]}
    status, _, error = one(home, failing)
    assert status is ActivityStatus.FAILED
    assert error.endswith("sh ended with 3: no such unit")
    probe = {"type": "probe", "name": "it", "provider": failing}
    (run,) = home.run(method=[probe]).journal.run
    assert (run.status, run.output) == (
        ActivityStatus.SUCCEEDED,
        {"status": 3, "stdout": "", "stderr": "no such unit\n"},
    )


def test_a_program_that_is_not_there_is_refused(home: Home) -> None:
    """Before anything is done."""
    with pytest.raises(ActivityRefused, match="no program"):
        one(home, {"type": "process", "path": "no-such-program"})


def test_a_program_that_takes_too_long_is_ended(home: Home) -> None:
    """With its children."""
    provider = {"type": "process", "path": "sh", "arguments": ["-c", "sleep 60 & sleep 60"], "timeout": 0.2}
    status, _, error = one(home, provider)
    assert status is ActivityStatus.FAILED
    assert "took more than 0.2 s" in error


def test_what_a_program_prints_is_bounded(home: Home) -> None:
    """A journal keeps the beginning of an endless output, and the program is not held up by it."""
    provider = {"type": "process", "path": "head", "arguments": ["-c", "3000000", "/dev/zero"]}
    _, output, _ = one(home, provider)
    assert len(json.dumps(output)) < 1_500_000
    _, output, _ = one(home, python(home, "enormous"))
    assert isinstance(output, dict)
    assert output["$truncated"] == 5_000_000


class _Answering(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        """Answer by the path."""
        if self.path == "/moved":
            self.send_response(302)
            self.send_header("Location", "/json")
        elif self.path == "/away":
            self.send_response(302)
            self.send_header("Location", "http://192.0.2.1/")
        else:
            self.send_response(503 if self.path == "/down" else 200)
        kind = "application/json" if self.path == "/json" else "text/plain"
        data = b'{"n": 1}' if kind == "application/json" else self.path.encode()
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_POST(self) -> None:
        """Give back what was sent."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[str]:
    """A server on loopback."""
    httpd = HTTPServer(("127.0.0.1", 0), _Answering)
    thread = threading.Thread(target=httpd.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{httpd.server_port}"
    httpd.shutdown()
    httpd.server_close()
    thread.join()


def http(url: str, **more: Any) -> dict[str, Any]:
    """An http provider."""
    return {"type": "http", "url": url, **more}


def test_a_request_gives_status_headers_and_body(home: Home, server: str) -> None:
    """As Chaos Toolkit gives them: JSON is read where the type says just that; any status is an answer."""
    for path, status, body in (("/json", 200, {"n": 1}), ("/down", 503, "/down"), ("/moved", 200, {"n": 1})):
        _, output, _ = one(home, http(server + path))
        assert isinstance(output, dict)
        assert (output["status"], output["body"]) == (status, body)
        assert isinstance(output["headers"], dict)


def test_arguments_are_the_query_or_the_body(home: Home, server: str) -> None:
    """Of a GET they are the query; else a form, or JSON where the header asks for it."""
    assert one(home, http(f"{server}/q", arguments={"a": 1}))[1]["body"] == "/q?a=1"  # type: ignore[index,call-overload]
    assert one(home, http(server, method="post", arguments={"a": 1}))[1]["body"] == "a=1"  # type: ignore[index,call-overload]
    sent = http(server, method="POST", arguments={"a": 1}, headers={"Content-Type": "application/json"})
    assert one(home, sent)[1]["body"] == '{"a": 1}'  # type: ignore[index,call-overload]


@pytest.mark.parametrize(
    "url",
    ["http://192.0.2.1/", "http://example.org", "https://169.254.169.254/latest", "file:///etc/passwd", "x"],
)
def test_hosts_beyond_loopback_are_refused(home: Home, url: str) -> None:
    """Nothing is asked of a host that the experiment does not allow, whatever its scheme."""
    with pytest.raises(ActivityRefused):
        one(home, http(url))


def test_a_redirection_leads_nowhere_else(home: Home, server: str) -> None:
    """A server cannot send an experiment to another host."""
    status, _, error = one(home, http(f"{server}/away"))
    assert status is ActivityStatus.FAILED
    assert "192.0.2.1 is neither loopback nor allowed" in error


def test_a_configured_address_is_checked_too(home: Home) -> None:
    """A host that a configured value brings in is refused when it is asked."""
    with pytest.raises(ActivityRefused, match=r"192\.0\.2\.1"):
        one(home, http("${app}"), configuration={"app": "http://192.0.2.1/"})


def test_a_server_that_is_not_there_is_a_failure(home: Home) -> None:
    """And nothing is asked again."""
    status, _, error = one(home, http("http://127.0.0.1:1/"))
    assert status is ActivityStatus.FAILED
    assert "did not answer" in error


def test_configuration_and_secrets_reach_activities_and_secrets_no_journal(home: Home) -> None:
    """A function gets both; the journal has neither the secret in the output nor in the experiment."""
    home.environ = {**home.environ, "APP_PASSWORD": "correct-horse-battery"}
    provider = {"type": "python", "module": home.module, "func": "secret", "secrets": ["app"]}
    secrets = {"app": {"password": {"type": "env", "key": "APP_PASSWORD"}, "other": "staple-of-gun-powder"}}
    echo = {"type": "process", "path": "echo", "arguments": ["${password} ${other} ${region}"]}
    method = [
        {"type": "probe", "name": "a", "provider": provider},
        {"type": "action", "name": "b", "provider": echo},
    ]
    conducted = home.run(method=method, secrets=secrets, configuration={"region": "eu"})
    first, second = conducted.journal.run
    assert isinstance(first.output, dict)
    assert first.output["region"] == "eu"
    assert isinstance(second.output, dict)
    assert str(second.output["stdout"]).endswith(" eu\n")
    everything = json.dumps([str(conducted.journal), [str(entry) for entry in home.entries]])
    assert "correct-horse-battery" not in everything
    assert "staple-of-gun-powder" not in everything


def test_a_variable_that_is_not_set_is_refused(home: Home) -> None:
    """Nothing is done without a value that the experiment needs."""
    with pytest.raises(ExperimentInvalid, match="APP_HOST"):
        home.run(configuration={"host": {"type": "env", "key": "APP_HOST"}})
    with pytest.raises(ExperimentInvalid, match="vault"):
        home.run(secrets={"a": {"b": {"type": "vault", "path": "x"}}})


def test_a_probe_may_tell_a_configured_value(home: Home) -> None:
    """It is asked when the experiment begins; of a process its words count."""
    asked = {
        "type": "probe",
        "name": "n",
        "provider": {"type": "process", "path": "echo", "arguments": ["7"]},
    }
    method = [home.python("it", "told", value="${n}")]
    assert home.run(configuration={"n": asked}, method=method).journal.run[0].output == {"echo": "7"}
