"""``schema``: what editors complete and check scenario files and gate files with."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import jsonschema

if TYPE_CHECKING:
    from tests.cli._kit import Commands


def test_the_schema_is_printed_and_written(ae: Commands) -> None:
    """What is printed is a JSON Schema of draft 2020-12; the file has the same."""
    printed = ae("schema")
    schema = json.loads(printed.out)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert (printed.code, schema["$schema"]) == (0, "https://json-schema.org/draft/2020-12/schema")
    written = ae("schema", "scenario", "--out", "scenario.schema.json")
    assert (written.code, written.out) == (0, "written to scenario.schema.json\n")
    assert json.loads((ae.folder / "scenario.schema.json").read_text(encoding="utf-8")) == schema
    assert ae("schema", "--json").document == {"name": "scenario", "out": None, "schema": schema}


def test_the_schema_of_gate_files(ae: Commands) -> None:
    """A kind is chosen by its name, and its files are those that the schema accepts."""
    printed = ae("schema", "gate", "--json").document
    validator = jsonschema.Draft202012Validator(printed["schema"])
    assert printed["name"] == "gate"
    assert validator.is_valid({"metrics": [{"name": "passed", "margin": 0.05}]})
    assert not validator.is_valid({"scenarios": []})


def test_the_schema_of_objectives(ae: Commands) -> None:
    """Files of objectives have one, too."""
    validator = jsonschema.Draft202012Validator(ae("schema", "objectives", "--json").document["schema"])
    one = {"name": "success", "indicator": "task-success", "target": 0.95}
    assert validator.is_valid({"objectives": [one]})
    assert not validator.is_valid({"objectives": [{**one, "target": 1}]})


def test_what_is_no_schema_or_no_file_is_a_usage_error(ae: Commands) -> None:
    """An unknown name lists those that there are, and a folder is no file."""
    (ae.folder / "folder").mkdir()
    unknown, folder = ae("schema", "nope"), ae("schema", "gate", "--out", "folder")
    assert (unknown.code, "scenario" in unknown.err, "gate" in unknown.err) == (2, True, True)
    assert "gate.schema.json" in folder.err
    assert (folder.code, "is a folder" in folder.err) == (2, True)
