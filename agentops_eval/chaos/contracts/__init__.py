"""What an agent may do when something that it depends on fails: contracts, and how an answer is read."""

from agentops_eval.chaos.contracts._contract import (
    Allowed,
    Contract,
    Degradation,
    Invariant,
    Undoes,
    found_in,
)
from agentops_eval.chaos.contracts._file import contract_of, read_contract
from agentops_eval.chaos.contracts._reading import (
    Reading,
    is_full_answer,
    normalised,
    read_output,
    text_of,
    told_by_fields,
)
from agentops_eval.chaos.contracts._schema import contract_schema
from agentops_eval.chaos.contracts._unmet import rules_met, unmet_rules

__all__ = [
    "Allowed",
    "Contract",
    "Degradation",
    "Invariant",
    "Reading",
    "Undoes",
    "contract_of",
    "contract_schema",
    "found_in",
    "is_full_answer",
    "normalised",
    "read_contract",
    "read_output",
    "rules_met",
    "text_of",
    "told_by_fields",
    "unmet_rules",
]
