"""How far a judge agrees with people, and what its pass rates come to once its errors are known."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

from agentops_eval.domain import Json, VerdictValue
from agentops_eval.stats import Interval, cohen_kappa, prediction_powered, rogan_gladen, wilson

_MOST_JUDGED = 10_000_000
PASS, FAIL, UNKNOWN = VerdictValue.PASS, VerdictValue.FAIL, VerdictValue.UNKNOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One answer: what a judge says of it, and what a person does, None where nobody did."""

    id: str
    verdict: VerdictValue
    label: VerdictValue | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Floor:
    """What a judge has to reach before its verdicts count.

    ``kappa`` is the least estimate of Cohen's kappa; ``agreement`` the least lower limit of the share
    of labels that it agrees with, which few labels cannot reach; ``labels`` the least number of them.
    """

    kappa: float = 0.6
    agreement: float = 0.7
    labels: int = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Confusion:
    """Counts of labelled rows: the person's word first, the judge's second."""

    pass_pass: int = 0
    pass_fail: int = 0
    pass_unknown: int = 0
    fail_pass: int = 0
    fail_fail: int = 0
    fail_unknown: int = 0

    @property
    def passes(self) -> int:
        """Labelled passes that the judge decided."""
        return self.pass_pass + self.pass_fail

    @property
    def fails(self) -> int:
        """Labelled failures that the judge decided."""
        return self.fail_pass + self.fail_fail

    @property
    def decided(self) -> int:
        """Labelled rows on which the judge gave a verdict."""
        return self.passes + self.fails

    @property
    def labelled(self) -> int:
        """All labelled rows."""
        return self.decided + self.pass_unknown + self.fail_unknown

    @property
    def right(self) -> int:
        """Rows on which both say the same."""
        return self.pass_pass + self.fail_fail


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A judge held against labels. What cannot be said of so few rows is None.

    ``accuracy``, ``sensitivity`` (of labelled passes, those it passes), ``specificity`` (of labelled
    failures, those it fails) and ``kappa`` are over the rows that it decided; ``agreement`` is over all
    labelled rows, where an unknown agrees with nothing.
    """

    confusion: Confusion
    accuracy: Interval | None = None
    agreement: Interval | None = None
    sensitivity: Interval | None = None
    specificity: Interval | None = None
    kappa: Interval | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrected:
    """A judge's pass rate as it stands, and what it comes to with its errors taken out.

    ``undecided`` are rows without a label on which the judge gave no verdict; they are in no rate. None
    is what does not follow from so few labels, or from a judge that is no better than chance.
    """

    observed: Interval
    undecided: int = 0
    rogan_gladen: Interval | None = None
    prediction_powered: Interval | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """What a judge is worth under one text of a rubric. ``shortfalls`` say what it lacks to be trusted.

    ``rubric`` is the rubric's digest, ``llm`` the llm that was asked, ``labels`` the digest of the
    labels; any of them empty where it is not known. Another rubric or llm makes it void.
    """

    name: str
    measured: Measured
    floor: Floor
    shortfalls: tuple[str, ...] = ()
    corrected: Corrected | None = None
    rubric: str = ""
    llm: str = ""
    labels: str = ""

    @property
    def trusted(self) -> bool:
        """Whether the judge reaches the floor."""
        return not self.shortfalls


def calibrate(
    rows: Iterable[Row],
    *,
    name: str,
    floor: Floor | None = None,
    observed: tuple[int, int] | None = None,
    rubric: str = "",
    llm: str = "",
    confidence: float = 0.95,
) -> Calibration:
    """Measure a judge on the labelled rows, and correct its pass rate.

    The rate is ``observed`` (passed, judged) or, without it, that of the rows without a label. Raises
    ValueError where no row has a label, a label is unknown, or ``observed`` is no rate.
    """
    given, floor = tuple(rows), floor or Floor()
    labelled = [row for row in given if row.label is not None]
    if not labelled:
        raise ValueError("no row has a label: there is nothing to hold the judge against")
    if any(row.label is UNKNOWN for row in labelled):
        raise ValueError("a label is pass or fail")
    measured = _measure(_confusion(labelled), confidence)
    return Calibration(
        name=name,
        measured=measured,
        floor=floor,
        shortfalls=tuple(_shortfalls(measured, floor)),
        corrected=_correct(given, measured.confusion, observed, confidence),
        rubric=rubric,
        llm=llm,
        labels=labels_digest(labelled),
    )


def labels_digest(rows: Iterable[Row]) -> str:
    """Sixteen hex digits of what people said, whatever the order of rows and whatever the judge says."""
    said = sorted([row.id, row.label.value] for row in rows if row.label is not None)
    return hashlib.blake2b(json.dumps(said).encode(), digest_size=8).hexdigest()


def calibration_json(found: Calibration) -> Json:
    """The calibration as its file and ``--json`` have it."""
    measured = found.measured
    shown: dict[str, Json] = {
        "name": found.name,
        "trusted": found.trusted,
        "shortfalls": list(found.shortfalls),
        "rubric": found.rubric,
        "llm": found.llm,
        "labels": found.labels,
        "confusion": asdict(measured.confusion),
        "floor": asdict(found.floor),
    }
    for key in ("accuracy", "agreement", "sensitivity", "specificity", "kappa"):
        shown[key] = _interval(getattr(measured, key))
    rate = found.corrected
    shown["undecided"] = 0 if rate is None else rate.undecided
    for key in ("observed", "rogan_gladen", "prediction_powered"):
        shown[key] = None if rate is None else _interval(getattr(rate, key))
    return shown


def _interval(found: Interval | None) -> Json:
    return None if found is None else asdict(found)


def _confusion(rows: Sequence[Row]) -> Confusion:
    counts = dict.fromkeys(Confusion.__dataclass_fields__, 0)
    for row in rows:
        assert row.label is not None
        counts[f"{row.label.value}_{row.verdict.value}"] += 1
    return Confusion(**counts)


def _measure(counts: Confusion, confidence: float) -> Measured:
    def rate(part: int, whole: int) -> Interval | None:
        return wilson(part, whole, confidence=confidence) if whole else None

    table = [[counts.pass_pass, counts.pass_fail], [counts.fail_pass, counts.fail_fail]]
    return Measured(
        confusion=counts,
        accuracy=rate(counts.right, counts.decided),
        agreement=rate(counts.right, counts.labelled),
        sensitivity=rate(counts.pass_pass, counts.passes),
        specificity=rate(counts.fail_fail, counts.fails),
        kappa=cohen_kappa(table, confidence=confidence) if counts.decided else None,
    )


def _shortfalls(measured: Measured, floor: Floor) -> Iterable[str]:
    """Cases: too few labels; labels of one kind only; kappa; agreement."""
    counts = measured.confusion
    if counts.labelled < floor.labels:
        yield f"{counts.labelled} labels, at least {floor.labels}"
    for count, kind in (
        (counts.passes + counts.pass_unknown, "pass"),
        (counts.fails + counts.fail_unknown, "fail"),
    ):
        if not count:
            yield f"no label says {kind}: whether the judge tells the two apart is not known"
    if measured.kappa is None or measured.kappa.value < floor.kappa:
        shown = "not defined" if measured.kappa is None else f"{measured.kappa.value:.3f}"
        yield f"kappa {shown}, at least {floor.kappa:g}"
    if measured.agreement is None or measured.agreement.low < floor.agreement:
        shown = "not known" if measured.agreement is None else f"{measured.agreement.low:.3f}"
        yield f"lower limit of the agreement {shown}, at least {floor.agreement:g}"


def _correct(
    rows: Sequence[Row], counts: Confusion, observed: tuple[int, int] | None, confidence: float
) -> Corrected | None:
    fresh = [row.verdict for row in rows if row.label is None and row.verdict is not UNKNOWN]
    passed, judged = observed or (fresh.count(PASS), len(fresh))
    if not judged and observed is None:
        return None
    if judged > _MOST_JUDGED:
        raise ValueError(f"{judged} verdicts are more than anyone counted: at most {_MOST_JUDGED}")
    pairs = [
        (float(row.verdict is PASS), float(row.label is PASS))
        for row in rows
        if row.label is not None and row.verdict is not UNKNOWN
    ]
    return Corrected(
        observed=wilson(passed, judged, confidence=confidence),
        undecided=sum(row.label is None and row.verdict is UNKNOWN for row in rows),
        rogan_gladen=rogan_gladen(
            passed,
            judged,
            sensitivity=(counts.pass_pass, counts.passes),
            specificity=(counts.fail_fail, counts.fails),
            confidence=confidence,
        ),
        prediction_powered=prediction_powered(
            [1.0] * passed + [0.0] * (judged - passed), pairs, confidence=confidence
        ),
    )
