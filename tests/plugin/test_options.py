"""Options, ini keys, marks, and which of them wins."""

from __future__ import annotations

import pytest

from agentops_eval.harness import KEYS
from pytest_agentops._options import INI
from tests.plugin.conftest import Project, outcomes, text_of

SHOP = '''
import pytest
from agent import ask

@pytest.mark.cassette({mark})
def test_shop(cassette):
    """One call."""
    assert ask("hello") == "You said hello"
    print("SETTINGS", cassette.settings.pace, cassette.settings.ignore, cassette.settings.max_age_days)
'''


def test_every_setting_is_an_ini_key() -> None:
    """The plugin's table of ini keys names exactly the settings of the core."""
    assert sorted(INI) == sorted(KEYS)


@pytest.mark.parametrize(
    ("option", "named"),
    [
        ("--agentops-record=once", "--agentops-record=once"),
        ("--agentops-record=all", "--agentops-record=all"),
        ("--agentops-approve", "--agentops-approve"),
    ],
)
def test_ci_neither_records_nor_approves(
    project: Project, monkeypatch: pytest.MonkeyPatch, option: str, named: str
) -> None:
    """Where CI is set, options that write files are usage errors that name the variable."""
    monkeypatch.setenv("CI", "true")
    project.write("test_shop.py", SHOP.format(mark=""))
    done = project.run(option)
    assert done.ret == pytest.ExitCode.USAGE_ERROR
    text = text_of(done)
    assert "AE301" in text
    assert named in text
    assert "CI=true" in text
    assert project.server.hits == 0


@pytest.mark.parametrize("value", ["0", "false", ""])
def test_ci_switched_off_is_no_ci(project: Project, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    """CI=0, CI=false and an empty CI are no CI."""
    monkeypatch.setenv("CI", value)
    project.write("test_shop.py", SHOP.format(mark=""))
    assert outcomes(project.run("--agentops-record=once")) == {"passed": 1}


def test_recording_chosen_elsewhere_is_refused_in_ci_too(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An ini key or the environment cannot make CI record either."""
    project.write("test_shop.py", SHOP.format(mark=""))
    monkeypatch.setenv("CI", "1")
    project.write("pytest.ini", "[pytest]\nagentops_record = once\n")
    assert project.run().ret == pytest.ExitCode.USAGE_ERROR
    project.write("pytest.ini", "[pytest]\n")
    monkeypatch.setenv("AGENTOPS_RECORD", "once")
    done = project.run()
    assert done.ret == pytest.ExitCode.USAGE_ERROR
    assert "AE301" in text_of(done)


def test_precedence(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """Environment over mark over ini key over pyproject.toml."""
    project.write("pyproject.toml", "[tool.agentops]\npace = 0.1\nignore = ['$.a']\nmax-age-days = 7\n")
    project.write("pytest.ini", "[pytest]\nagentops_pace = 0.2\nagentops_ignore =\n    $.b\n    $.c\n")
    project.write("test_shop.py", SHOP.format(mark=""))
    assert "SETTINGS 0.2 ('$.b', '$.c') 7.0" in text_of(project.record("-s"))
    project.write("test_shop.py", SHOP.format(mark="pace=0.3"))
    assert "SETTINGS 0.3 ('$.b', '$.c') 7.0" in text_of(project.run("-s"))
    monkeypatch.setenv("AGENTOPS_PACE", "0.4")
    assert "SETTINGS 0.4 ('$.b', '$.c') 7.0" in text_of(project.run("-s"))


def test_native_toml_configuration(project: Project) -> None:
    """Typed keys are read from pytest's own TOML table as well."""
    (project.root / "pytest.ini").unlink()
    project.write(
        "pyproject.toml",
        "[tool.pytest]\nstrict = true\nagentops_pace = 0.2\nagentops_ignore = ['$.b']\n"
        "agentops_strict = true\nagentops_redact_patterns = ['ticket = T-[0-9]+']\n"
        "agentops_attribution = ['team = team, org.team']\n",
    )
    project.write("test_shop.py", SHOP.format(mark="").replace("hello", "hello T-1234"))
    done = project.record("-s")
    assert outcomes(done) == {"passed": 1}, text_of(done)
    text = (project.root / "golden_traces" / project.cassettes()[0]).read_text()
    assert "T-1234" not in text
    assert "[redacted:ticket-1]" in text


@pytest.mark.parametrize(
    ("mark", "says"),
    [
        ("pase=1", "did you mean 'pace'?"),
        ("agnet='x'", "did you mean 'agent'?"),
        ("pace='fast'", "fix:   pace=0.5"),
        ("strict='off'", "fix:   strict=False"),
        ("redact_patterns='x'", 'fix:   redact_patterns={"badge": "B-[0-9]+"}'),
        ("'a', 'b'", "one name of a recording"),
        ("3", "one name of a recording"),
    ],
)
def test_misuse_of_the_mark_is_named(project: Project, mark: str, says: str) -> None:
    """A wrong keyword, type or argument of the mark is an error that names it and what was meant."""
    project.write("test_shop.py", SHOP.format(mark=mark))
    done = project.run()
    assert outcomes(done) == {"errors": 1}
    assert "AE401" in text_of(done)
    assert says in text_of(done)


@pytest.mark.parametrize(
    ("mark", "remedy"),
    [
        (
            "recording='test_other'",
            'a recording is named without a keyword: @pytest.mark.cassette("test_other")',
        ),
        ("path=3", 'a recording is named without a keyword: @pytest.mark.cassette("test_other")'),
        ("alow_drift=True", "did you mean 'allow_drift'?"),
    ],
)
def test_an_unknown_keyword_of_the_mark_lists_the_valid_ones(
    project: Project, mark: str, remedy: str
) -> None:
    """The error suggests the nearest keyword, or the argument that has none, and names all that are valid."""
    project.write("test_shop.py", SHOP.format(mark=mark))
    text = text_of(project.run())
    assert f"fix:   {remedy}" in text
    assert all(key in text for key in (*KEYS, "agent", "approver"))


@pytest.mark.parametrize(
    ("line", "remedy"),
    [
        ("agentops_pace = fast", "agentops_pace = 0.5"),
        ("agentops_strict = maybe", "agentops_strict = true"),
        ("agentops_record = sometimes", "agentops_record = none"),
        ("agentops_redact_patterns = 3", "agentops_redact_patterns = badge = B-[0-9]+"),
        ("agentops_attribution = team", "agentops_attribution = team = team, org.team"),
    ],
)
def test_a_wrong_ini_key_is_named(project: Project, line: str, remedy: str) -> None:
    """A wrong value in the ini file is a usage error that names the key and a line that would do."""
    project.write("pytest.ini", f"[pytest]\n{line}\n")
    project.write("test_shop.py", SHOP.format(mark=""))
    done = project.run()
    assert done.ret == pytest.ExitCode.USAGE_ERROR
    assert "ERROR: AE401" in text_of(done)
    assert f"fix:   {remedy}" in text_of(done)


def test_marks_of_class_and_function_add_up(project: Project) -> None:
    """Keywords of a class's mark hold for its tests, and the function's own win."""
    project.write(
        "test_shop.py",
        """
import pytest

@pytest.mark.cassette(pace=0.5, agent="outer")
class TestShop:
    @pytest.mark.cassette(agent="inner")
    def test_both(self, cassette):
        assert (cassette.settings.pace, cassette.spec.agent) == (0.5, "inner")

    def test_outer(self, cassette):
        assert (cassette.settings.pace, cassette.spec.agent) == (0.5, "outer")

def test_neither(cassette):
    assert cassette.spec.agent == "neither"
""",
    )
    assert outcomes(project.record()) == {"passed": 3}


def test_approver_by_mark_and_by_fixture(project: Project) -> None:
    """approve() is answered by the mark's approver, else by a fixture called approver."""
    project.write(
        "test_ask.py",
        """
import pytest
from agentops_eval import approve
from agentops_eval.testing import ScriptedApprover

@pytest.fixture
def approver():
    return ScriptedApprover.approving("fine")

@pytest.mark.cassette
def test_fixture():
    assert approve("refund").approved

@pytest.mark.cassette(approver=ScriptedApprover.rejecting("no"))
def test_mark():
    assert not approve("refund").approved
""",
    )
    assert outcomes(project.record()) == {"passed": 2}
    assert outcomes(project.run()) == {"passed": 2}


def test_header_and_help(project: Project) -> None:
    """The header says what holds, --markers and --fixtures know ours, and -q keeps quiet."""
    project.write("pyproject.toml", "[tool.agentops]\ngolden_dir = 'approved'\n")
    project.write("test_none.py", "def test_none():\n    pass\n")
    assert "agentops: record=none, goldens in approved" in text_of(project.run())
    assert "agentops: record=once, goldens in approved" in text_of(project.run("--agentops-record=once"))
    assert "@pytest.mark.cassette([recording]" in text_of(project.run("--markers"))
    fixtures = text_of(project.run("--fixtures"))
    assert "cassette -- " in fixtures
    assert "golden -- " in fixtures
    assert "agentops" not in text_of(project.run("-q"))


def test_fixture_by_name_at_run_time(project: Project) -> None:
    """A test that asks for the run by getfixturevalue alone has one, from there on."""
    project.write(
        "test_late.py",
        """
from agent import ask, forgiving

def test_late(request):
    cassette = request.getfixturevalue("cassette")
    assert ask("late") == "You said late"
    assert len(cassette.events) == 1
""",
    )
    assert outcomes(project.record()) == {"passed": 1}
    assert outcomes(project.run()) == {"passed": 1}


@pytest.mark.parametrize(("word", "status"), [("approve", "approved"), ("silent", "timeout")])
def test_approver_by_word(project: Project, word: str, status: str) -> None:
    """The mark knows the words of the command line."""
    project.write(
        "test_pay.py",
        f"""
import pytest
from agentops_eval import approve

@pytest.mark.cassette(approver="{word}")
def test_pay():
    assert approve("pay", deadline_s=0.01).status == "{status}"
""",
    )
    assert outcomes(project.record()) == {"passed": 1}
    assert outcomes(project.run()) == {"passed": 1}


@pytest.mark.parametrize(
    "given", ['@pytest.mark.cassette(approver="yes")', "@pytest.fixture\ndef approver():\n    return 1\n"]
)
def test_an_approver_that_is_none_is_refused(project: Project, given: str) -> None:
    """Neither mark nor fixture may give what cannot answer, and nothing runs."""
    project.write("test_pay.py", f"import pytest\n\n{given}\ndef test_pay(cassette):\n    pass\n")
    done = project.record()
    assert outcomes(done) == {"errors": 1}
    assert "AE401" in text_of(done)
    assert "approve, reject, silent, or a callable" in text_of(done)
    assert project.cassettes() == []
