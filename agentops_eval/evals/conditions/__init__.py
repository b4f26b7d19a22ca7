"""What a value has to be, in the words of a file: itself, or a condition such as ``{near: 5, within: 1}``.

Arguments of tools and the state of a world are expected in these words alike.
"""

from agentops_eval.evals.conditions._conditions import Absent, AnyOf, Condition, Is, at, sequence
from agentops_eval.evals.conditions._reading import EXACTLY, Lists, Numbers, Reading, Text
from agentops_eval.evals.conditions._structures import Extent, Fields, Items, Unordered
from agentops_eval.evals.conditions._words import Grammar, condition_of

__all__ = [
    "EXACTLY",
    "Absent",
    "AnyOf",
    "Condition",
    "Extent",
    "Fields",
    "Grammar",
    "Is",
    "Items",
    "Lists",
    "Numbers",
    "Reading",
    "Text",
    "Unordered",
    "at",
    "condition_of",
    "sequence",
]
