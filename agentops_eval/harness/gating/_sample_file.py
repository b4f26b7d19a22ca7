"""What is read from a file of samples."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from agentops_eval.domain import Reason, Sample


class Form(StrEnum):
    """In which form samples are kept."""

    RESULTS = "results"
    TRACES = "traces"
    JSONL = "jsonl"
    CSV = "csv"
    PARQUET = "parquet"


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleFile:
    """The samples of one arm, as one file or folder tells them, in its order.

    ``digest`` is the SHA-256 of the bytes that were read; of a folder that of its files' names and bytes, in
    the order of their names. ``rows`` counts what was read as a sample. ``columns`` are the names that rows
    tell something under, to find the one that was meant. ``doubts`` tell what of the file is not among
    the samples; where one ``blocks``, runs may be missing that would change a decision.
    """

    samples: tuple[Sample, ...]
    digest: str
    form: Form
    columns: tuple[str, ...] = ()
    doubts: tuple[Reason, ...] = ()

    @property
    def rows(self) -> int:
        """How many rows, results or runs were read."""
        return len(self.samples)
