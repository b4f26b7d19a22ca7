"""Where recordings of parametrised tests and of classes are kept."""

from __future__ import annotations

from tests.plugin.conftest import Project, outcomes, text_of

PARAMETERS = '''
import pytest
from agent import ask

IDS = ["a/b", "a b", "a:b", "größe/日本", "x" * 300, "../../up", "A B"]

@pytest.mark.cassette
@pytest.mark.parametrize("number", range(len(IDS)), ids=IDS)
def test_ids(number):
    """Each parameter has its own recording."""
    assert ask(f"number {number}") == f"You said number {number}"
'''

CLASSES = """
import pytest
from agent import ask

@pytest.mark.cassette
class TestOuter:
    def test_one(self, cassette):
        assert ask("one") == "You said one"

    class TestInner:
        def test_one(self, cassette):
            assert ask("inner one") == "You said inner one"

def test_one(cassette):
    assert ask("plain one") == "You said plain one"
"""


def test_every_parameter_has_a_file_of_its_own(project: Project) -> None:
    """Ids with slashes, spaces, other scripts and any length become distinct, plain file names."""
    project.write("test_ids.py", PARAMETERS)
    assert outcomes(project.record()) == {"passed": 7}
    names = project.cassettes()
    assert len({name.lower() for name in names}) == 7
    assert all(name.startswith("test_ids/test_ids-") and name.isascii() for name in names)
    assert max(map(len, names)) < 150
    assert outcomes(project.run()) == {"passed": 7}


def test_classes_are_part_of_the_suite(project: Project) -> None:
    """Methods of the same name in two classes and a function have three recordings."""
    project.write("pkg/test_class.py", CLASSES)
    assert outcomes(project.record()) == {"passed": 3}
    assert project.cassettes() == [
        "pkg/test_class/TestOuter/TestInner/test_one.cassette.jsonl",
        "pkg/test_class/TestOuter/test_one.cassette.jsonl",
        "pkg/test_class/test_one.cassette.jsonl",
    ]
    assert outcomes(project.run()) == {"passed": 3}


def test_names_do_not_depend_on_where_pytest_starts(project: Project) -> None:
    """From a folder below, the same recordings are found, and commands fit that folder."""
    project.write("pkg/test_class.py", CLASSES)
    project.record()
    project.write(
        "pkg/conftest.py", "import sys, pathlib\nsys.path.insert(0, str(pathlib.Path(__file__).parents[1]))\n"
    )
    here = project.pytester
    here.chdir()
    (project.root / "golden_traces/pkg/test_class/test_one.cassette.jsonl").unlink()
    import os

    os.chdir(project.root / "pkg")
    try:
        done = project.run("-c", "../pytest.ini", "--rootdir", "..")
    finally:
        here.chdir()
    assert outcomes(done) == {"passed": 2, "errors": 1}
    assert "pytest test_class.py::test_one --agentops-record=all" in text_of(done)


def test_a_parameters_recording_is_shared_by_name(project: Project) -> None:
    """A mark may name one parameter of another test."""
    project.write(
        "test_ids.py",
        PARAMETERS
        + """
@pytest.mark.cassette("test_ids[a/b]")
def test_shares():
    assert ask("number 0") == "You said number 0"
""",
    )
    project.record("-k", "test_ids")
    assert outcomes(project.run("-k", "shares")) == {"passed": 1}


def test_orphans_are_listed_after_a_full_run(project: Project) -> None:
    """A cassette that no collected test uses is named after a full run in strict mode, and only then."""
    project.write("pkg/test_class.py", CLASSES)
    project.record()
    project.edit("pkg/test_class.py", "def test_one(cassette)", "def test_two(cassette)")
    line = "orphaned     golden_traces/pkg/test_class/test_one.cassette.jsonl"
    assert line in text_of(project.run("--agentops-strict"))
    assert line in text_of(project.run("--agentops-strict", "-n2", plugins=("xdist.plugin",)))
    assert line in text_of(project.run("-v", "."))
    assert "orphaned" not in text_of(project.run())
    assert "orphaned" not in text_of(project.run("--agentops-strict", "pkg/test_class.py"))
