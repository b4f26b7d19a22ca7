"""What a candidate changed, found by the case that results tell of."""

from __future__ import annotations

from agentops_eval.domain import CaseChange, Comparison, case_name
from agentops_eval.reports._cases import CaseView


class Changes:
    """The changes of a comparison by case; none where nothing was compared."""

    def __init__(self, comparison: Comparison | None) -> None:
        changes = () if comparison is None else comparison.cases
        self._by_case = {(one.suite, one.case, one.variant): one for one in changes}

    def of(self, case: CaseView) -> CaseChange | None:
        """The change of a case, None where it was not compared.

        Cases: variants of a matrix were compared like with like; one variant was compared with another,
        and then the change is of the case as such.
        """
        own = self._by_case.get((case.suite, case.case, case.variant))
        return own or self._by_case.get((case.suite, case.case, ""))


def change_name(change: CaseChange) -> str:
    """What a changed case is called."""
    return case_name(change.suite, change.case, change.variant)
