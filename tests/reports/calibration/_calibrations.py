"""Calibrations to report on."""

from __future__ import annotations

from collections.abc import Sequence

from agentops_eval.domain import CalibrationReport, Estimate, ReliabilityBin, Threshold, VerdictValue


def bin_of(confidence: float, rate: float, *, n: int = 1_200, half: float = 0.03) -> ReliabilityBin:
    """A bin around a confidence, with an interval of a known width."""
    return ReliabilityBin(
        low=confidence - 0.05,
        high=confidence + 0.05,
        n=n,
        confidence=confidence,
        rate=rate,
        rate_low=rate - half,
        rate_high=rate + half,
    )


def calibration(
    text: str = "issue_refund", *, classes: Sequence[str] = ("known", "open", "rare", "never")
) -> CalibrationReport:
    """One that chance does not explain, with a class of each verdict; ``text`` is wherever one may be."""
    error = Estimate(value=0.026, low=0.01, high=0.047, n=3_000)
    passed, unknown = VerdictValue.PASS, VerdictValue.UNKNOWN
    every = {
        "known": Threshold(
            action=text, verdict=passed, target=0.05, value=0.95, low=0.93, high=0.97, error=error,
            covered=0.1, n=3_000,
        ),
        "open": Threshold(
            action=f"b{text}", verdict=passed, target=0.05, value=0.9, low=0.5,
            n=3_000, error=error,
        ),
        "rare": Threshold(
            action=f"c{text}", verdict=unknown, target=0.05, n=9, n_needed=144,
            why=f"9 runs are too few for {text}",
        ),
        "never": Threshold(
            action="", verdict=VerdictValue.FAIL, target=0.05, n=3_000, error=error, why=f"even so {text}"
        ),
    }  # fmt: skip
    return CalibrationReport(
        n=6_009,
        verdict=VerdictValue.FAIL,
        ece=Estimate(value=0.089, low=0.079, high=0.098, n=6_009),
        ece_equal_mass=Estimate(value=0.08, low=0.07, high=0.09, n=6_009),
        mce=0.2,
        noise=0.012,
        brier=0.136,
        bins=(bin_of(0.55, 0.8, n=40, half=0.12), bin_of(0.8, 0.6), bin_of(0.95, 0.95, n=600)),
        thresholds=tuple(every[name] for name in classes),
    )
