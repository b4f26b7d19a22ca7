"""Which tool a file is of, and its suite as a scenario file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agentops_eval.documents import Document
from agentops_eval.domain import Json, ScenarioInvalid
from agentops_eval.evals._evaluator import Factory
from agentops_eval.evals._table import evaluators as all_evaluators
from agentops_eval.evals.suites._read import read_suite
from agentops_eval.evals.suites.importing import _adk, _promptfoo, _pydantic
from agentops_eval.evals.suites.importing._notes import Note, Notebook

_READERS = {
    "an eval set of ADK": _adk.read,
    "a configuration of promptfoo": _promptfoo.read,
    "a dataset of pydantic-evals": _pydantic.read,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedSuite:
    """A scenario file that was made of other tools' files, and all that is not in it as it was."""

    document: Mapping[str, Json]
    forms: tuple[str, ...]
    notes: tuple[Note, ...]

    @property
    def scenarios(self) -> int:
        """How many there are; the rows of tables are counted as one."""
        found = self.document["scenarios"]
        assert isinstance(found, list)
        return len(found)


def form_of(value: Json) -> str:
    """Whose file this is, empty for ours and for anything else."""
    if isinstance(value, Mapping) and "scenarios" in value:
        return ""
    checks = {
        "an eval set of ADK": _adk.is_one,
        "a configuration of promptfoo": _promptfoo.is_one,
        "a dataset of pydantic-evals": _pydantic.is_one,
    }
    return next((form for form, is_one in checks.items() if is_one(value)), "")


def import_suite(
    documents: Sequence[Document], *, evaluators: Mapping[str, Factory] | None = None
) -> ImportedSuite:
    """One scenario file of the cases of all documents, in their order.

    What an evaluator of ours does not take is left out, and noted like everything else that could not
    be kept. Raises ScenarioInvalid for a document in no form that is known.
    """
    known = all_evaluators() if evaluators is None else evaluators
    notebook = Notebook(known)
    made: dict[str, Json] = {}
    scenarios: list[Json] = []
    forms = []
    for document in documents:
        form = form_of(document.value)
        if not form:
            what = "this is no suite of another tool that is known"
            if isinstance(document.value, Mapping) and "scenarios" in document.value:
                what = "this is a scenario file already"
            raise ScenarioInvalid(what, where=document.name, remedy=f"known are {', '.join(_READERS)}")
        forms.append(form)
        notebook.place = f"{document.name} " if len(documents) > 1 else ""
        notebook.stem = document.name.rpartition("/")[2].partition(".")[0]
        found = _READERS[form](document.value, notebook)
        for name, value in found.head.items():
            if name in made:
                notebook.left(name, "of a second file", "one file has one; import the files one by one")
            else:
                made[name] = value
        scenarios += [one for one in found.scenarios if _loads(one, made, known, notebook)]
    return ImportedSuite(
        document={**made, "scenarios": scenarios},
        forms=tuple(dict.fromkeys(forms)),
        notes=tuple(notebook.notes),
    )


def _loads(scenario: Json, head: Mapping[str, Json], known: Mapping[str, Factory], notes: Notebook) -> bool:
    """Whether a scenario can be read again as it would be written; else it is left out."""
    assert isinstance(scenario, Mapping)
    document = Document(name="", value={**head, "scenarios": [scenario]}, line_of=lambda _: 0)
    problems = read_suite(document, name="imported", evaluators=known).problems
    if problems:
        notes.left(str(scenario.get("source", "")), "a case", problems[0].what)
    return not problems
