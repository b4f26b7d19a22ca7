"""Scenario files are found and read; what is wrong with one does not keep the others from being read."""

from __future__ import annotations

import os
import tracemalloc
from pathlib import Path

import pytest

from agentops_eval.harness import find_scenario_files, is_scenario_file, load_suites

GOOD = "scenarios: [{id: a, input: hello}]\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project with an empty folder of scenarios."""
    (tmp_path / "scenarios").mkdir()
    return tmp_path


def write(root: Path, name: str, text: str | bytes = GOOD) -> Path:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_suites_are_called_after_their_files(root: Path):
    """A suite's name is its file's path from the root; ids and places are those of the file."""
    write(root, "scenarios/shop/refunds.yaml")
    write(root, "scenarios/orders.jsonl", '{"id": "b", "input": "x"}\n')
    loaded = load_suites([root / "scenarios"], root=root)
    assert loaded.problems == ()
    assert [(one.name, one.path, one.scenarios[0].where) for one in loaded.suites] == [
        ("scenarios/orders", "scenarios/orders.jsonl", "scenarios/orders.jsonl:1"),
        ("scenarios/shop/refunds", "scenarios/shop/refunds.yaml", "scenarios/shop/refunds.yaml:1"),
    ]


def test_other_files_are_read_all_the_same(root: Path):
    """Each bad file gives its problems and no suite; good ones beside it give theirs."""
    write(root, "scenarios/a.yaml")
    write(root, "scenarios/b.yaml", "scenarios: [{id: a, nput: x}]\n")
    write(root, "scenarios/c.json", '{"scenarios": [')
    write(root, "scenarios/d.yaml", b"scenarios: \xff\n")
    write(root, "scenarios/e.yaml", "x: &a [*a]\nscenarios: []\n")
    write(root, "scenarios/f.yaml", "scenarois: []\n")
    loaded = load_suites([root / "scenarios"], root=root)
    assert [one.name for one in loaded.suites] == ["scenarios/a"]
    places = {problem.where.partition(":")[0].partition(" ")[0] for problem in loaded.problems}
    assert places == {f"scenarios/{name}" for name in ("b.yaml", "c.json", "d.yaml", "e.yaml", "f.yaml")}


def test_a_hundred_megabytes_are_refused_unread(root: Path):
    """A file of 100 MB costs no memory and is said to be too long; the others are read."""
    big = root / "scenarios/big.yaml"
    with big.open("wb") as file:
        file.write(b"scenarios:\n")
        file.truncate(100 * 2**20)
    write(root, "scenarios/small.yaml")
    load_suites([root / "scenarios/small.yaml"], root=root)  # whatever is imported counts for nothing
    tracemalloc.start()
    try:
        loaded = load_suites([root / "scenarios"], root=root)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert [one.name for one in loaded.suites] == ["scenarios/small"]
    assert (
        "the file has 104,857,600 bytes, and a scenario file may have 16,777,216" in loaded.problems[0].what
    )
    assert peak < 5_000_000


def test_two_suites_of_one_name_are_a_problem(root: Path):
    """The first keeps the name, and the second is named with the first's file."""
    write(root, "scenarios/a.yaml", "suite: refunds\n" + GOOD)
    write(root, "scenarios/b.yaml", "suite: refunds\n" + GOOD)
    write(root, "scenarios/c.yaml")
    write(root, "scenarios/c.json", '{"scenarios": [{"id": "a", "input": "x"}]}')
    loaded = load_suites([root / "scenarios"], root=root)
    assert [one.path for one in loaded.suites] == ["scenarios/a.yaml", "scenarios/c.json"]
    assert [(one.where, one.what) for one in loaded.problems] == [
        ("scenarios/b.yaml", "there are two suites called refunds: the other is scenarios/a.yaml"),
        ("scenarios/c.yaml", "there are two suites called scenarios/c: the other is scenarios/c.json"),
    ]


def test_a_file_that_is_named_twice_is_read_once(root: Path):
    """A folder, a file in it, and a link to the file are one suite."""
    path = write(root, "scenarios/a.yaml")
    link = root / "scenarios/z.yaml"
    link.symlink_to(path)
    loaded = load_suites([path, root / "scenarios", link], root=root)
    assert (len(loaded.suites), loaded.problems) == (1, ())


@pytest.mark.parametrize(
    ("name", "text", "said", "fix"),
    [
        ("scenarios/nope.yaml", None, "there is no such file or folder", "did you mean 'note.yaml'?"),
        ("scenarios/a.txt", "x", "is not that of a scenario file", "name it .yaml"),
        ("empty", None, "no file in the folder has scenarios", "scenarios: [...]"),
        (
            "pf.yaml",
            "prompts: ['{{q}}']\ntests: [{vars: {q: x}}]\n",
            "this is a configuration of promptfoo",
            "agentops-eval eval import pf.yaml --out scenarios/pf.yaml",
        ),
        ("set.json", '[{"query": "x"}]', "this is an eval set of ADK", "agentops-eval eval import set.json"),
        (
            "d.yaml",
            "cases: [{inputs: x}]\n",
            "this is a dataset of pydantic-evals",
            "agentops-eval eval import d.yaml",
        ),
        ("compose.yaml", "services: {}\n", 'there is no field "services"', "use one of"),
        ("g.otlp.jsonl", '{"resourceSpans": []}\n', 'there is no field "resourceSpans"', "use one of"),
    ],
    ids=["missing", "suffix", "empty folder", "promptfoo", "adk", "pydantic-evals", "other yaml", "golden"],
)
def test_what_is_named_has_to_be_one(root: Path, name: str, text: str | None, said: str, fix: str):
    """A path that is no scenario file is a problem that says what it is, and what to do."""
    write(root, "scenarios/note.yaml")
    (root / "empty").mkdir()
    if text is not None:
        write(root, name, text)
    loaded = load_suites([root / name], root=root)
    assert loaded.suites == ()
    assert any(said in one.what and fix in one.remedy for one in loaded.problems)
    assert loaded.problems[0].where.startswith(name)


def test_a_file_that_cannot_be_read_is_a_problem(root: Path):
    """A pipe, and a folder with a file's name, end in an error each, and never in waiting."""
    os.mkfifo(root / "pipe.yaml")
    (root / "folder.yaml").mkdir()
    loaded = load_suites([root / "pipe.yaml", root / "folder.yaml"], root=root)
    assert [one.what.partition(" (")[0] for one in loaded.problems] == [
        "this is no file",
        "no file in the folder has scenarios",
    ]


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("a.yaml", GOOD, True),
        ("a.yml", "suite: x\n", True),
        ("a.yaml", "scenarois:\n", True),
        ("a.yaml", '"scenarios": []\n', True),
        ("a.yaml", "{suite: x, scenarios: []}", True),
        ("a.yaml", "services:\n  scenarios: []\n", False),
        ("a.yaml", "# scenarios: none\nversion: 1\n", False),
        ("a.json", '{"agent": "a:b", "scenarios": []}', True),
        ("a.json", '{"data": {"scenarios": []}}', False),
        ("a.json", '{"text": "\\"scenarios\\":"}', False),
        ("a.json", "[1]", False),
        ("a.jsonl", '\n{"id": "a", "input": "x"}\n', True),
        ("a.jsonl", '{"suite": "x"}\n', True),
        ("a.jsonl", '{"agent": "x:y", "defaults": {}}\n', True),
        ("a.jsonl", '{"resourceSpans": []}\n', False),
        ("a.jsonl", '{"input": "x", "output": "y"}\n', False),
        ("a.otlp.jsonl", '{"id": "a", "input": "x"}\n', False),
        ("a.cassette.jsonl", '{"suite": "x"}\n', False),
        ("a.csv", "id,input,expect.answer\n", True),
        ("a.csv", '\ufeff"id";"input:json";"expect.tools:json"\n', True),
        ("a.csv", "order,input\n", False),
        ("a.csv", "id,expect.answer\n", False),
        ("a.txt", GOOD, False),
        ("a.yaml", "", False),
        ("a.jsonl", "[" * 60_000, False),
    ],
    ids=lambda one: None if isinstance(one, bool) else one[:24],
)
def test_scenario_files_are_known_by_their_beginning(tmp_path: Path, name: str, text: str, expected: bool):
    """Name and first bytes decide, and a misspelt field at the top counts so that it becomes an error."""
    assert is_scenario_file(write(tmp_path, name, text)) is expected


def test_only_the_beginning_is_read(tmp_path: Path):
    """A long file is decided by its first bytes, and what cannot be opened is none."""
    path = tmp_path / "big.yaml"
    with path.open("wb") as file:
        file.write(b"version: 1\n" * 10_000 + b"scenarios: []\n")
    assert is_scenario_file(path) is False
    assert is_scenario_file(tmp_path / "none.yaml") is False
    assert is_scenario_file(tmp_path) is False


def test_folders_are_searched_in_order_without_what_is_not_the_projects(root: Path):
    """Hidden folders, packages and environments are passed over, and links to folders not followed."""
    names = [
        "b/z.yaml",
        "b/a.yaml",
        "a.yaml",
        ".git/x.yaml",
        "node_modules/x.yaml",
        "env/x.yaml",
        "b/.x.yaml",
    ]
    for name in names:
        write(root, name)
    write(root, "env/pyvenv.cfg", "")
    (root / "loop").symlink_to(root)
    found = [path.relative_to(root).as_posix() for path in find_scenario_files(root)]
    assert found == ["a.yaml", "b/a.yaml", "b/z.yaml"]


def test_tables_stand_beside_the_file(root: Path):
    """Rows come from a CSV, JSON or JSON-lines file beside the scenario file, or elsewhere in the project."""
    write(root, "scenarios/orders.csv", "id,order\nlate,1042\n")
    write(root, "data/orders.jsonl", '{"order": 7}\n')
    text = """
scenarios:
  - {id: a, input: "{{order}}", foreach: orders.csv}
  - {id: b, input: "{{order}}", foreach: ../data/orders.jsonl}
"""
    loaded = load_suites([write(root, "scenarios/a.yaml", text)], root=root)
    assert loaded.problems == ()
    assert [(one.id, one.turns) for one in loaded.suites[0].scenarios] == [
        ("a[late]", ("1042",)),
        ("b[1]", (7,)),
    ]


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("oders.csv", "there is no such table (scenarios/oders.csv)"),
        ("../../elsewhere.csv", "the table is outside of the project"),
        ("/etc/hostname", "the table is outside of the project"),
        ("bad.csv", "the row has 2 cells, and there are 1 columns"),
        ("a.yaml", "a table is CSV, JSON or JSON lines"),
        (".", "a table"),
    ],
    ids=["missing", "outside", "absolute", "bad", "no table", "folder"],
)
def test_a_table_that_cannot_be_read_is_a_problem_of_its_scenario(root: Path, table: str, said: str):
    """The scenario's field is named, and with it the table and what is wrong with that."""
    write(root, "scenarios/bad.csv", "a\n1,2\n")
    write(root, "scenarios/orders.csv", "a\n1\n")
    path = write(root, "scenarios/a.yaml", f"scenarios: [{{id: a, input: x, foreach: {table}}}]")
    (problem, *_) = load_suites([path], root=root).problems
    assert problem.where == "scenarios/a.yaml:1 scenarios[0].foreach"
    assert said in problem.what or table == "."
