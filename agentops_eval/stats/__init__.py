"""Statistics that hold: pure, without I/O, clock or global state. Everything is imported on first use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_eval.domain import lazy

if TYPE_CHECKING:
    from agentops_eval.stats._agreement import cohen_kappa
    from agentops_eval.stats._assignment import log_assignment_evidence
    from agentops_eval.stats._binomial import fisher_mid_p, mcnemar_exact, mcnemar_mid_p
    from agentops_eval.stats._bootstrap import paired_bootstrap
    from agentops_eval.stats._calibration import (
        Brier,
        Forecast,
        brier,
        calibration_error,
        calibration_noise,
        edges_of,
        reliability_bins,
    )
    from agentops_eval.stats._changes import (
        block_length,
        change_p,
        change_points,
        dependence,
        level_noise,
        segments,
    )
    from agentops_eval.stats._clusters import clustered_mean, clustered_rate
    from agentops_eval.stats._collapse import Collapsed, collapse
    from agentops_eval.stats._dispersion import Dispersion, dispersion
    from agentops_eval.stats._families import benjamini_hochberg, holm
    from agentops_eval.stats._flips import paired_difference, sign_flip_p
    from agentops_eval.stats._group_sequential import (
        boundaries,
        classical_boundaries,
        crossing_probability,
        drift_for_power,
    )
    from agentops_eval.stats._judged import prediction_powered, rogan_gladen
    from agentops_eval.stats._model import Interval
    from agentops_eval.stats._paired_z import sequential_z
    from agentops_eval.stats._ranks import SignedRanks, wilcoxon
    from agentops_eval.stats._rates import clopper_pearson, wilson
    from agentops_eval.stats._repeats import mean_over_cases, pass_at_k, pass_hat_k
    from agentops_eval.stats._restarts import Restarts
    from agentops_eval.stats._sequences import (
        bounded_ratio,
        mean_sequence,
        rate_ratio_sequence,
        ratio_sequence,
    )
    from agentops_eval.stats._serial import Serial
    from agentops_eval.stats._sizes import cases_needed, pairs_to_detect, pairs_to_rule_out
    from agentops_eval.stats._special import beta_cdf, normal_quantile, normal_tail, t_quantile, t_tail, z_of
    from agentops_eval.stats._spending import Spending, spending
    from agentops_eval.stats._summary import MOST_K, Summary, summarise
    from agentops_eval.stats._thresholds import (
        errors_allowed,
        lowest_safe,
        resampled_thresholds,
        threshold_grid,
        trials_to_start,
    )
    from agentops_eval.stats._trend import sum_ahead, theil_sen, trend_correlation
    from agentops_eval.stats._unpaired import newcombe, ratio_bootstrap, welch
    from agentops_eval.stats._wealth import (
        BOLD,
        GRID,
        RARE,
        RATIOS,
        CountBets,
        MeanBets,
        Side,
        Wealth,
        e_value,
        reserves,
    )

_HOMES = {
    "_agreement": "cohen_kappa",
    "_assignment": "log_assignment_evidence",
    "_binomial": "fisher_mid_p mcnemar_exact mcnemar_mid_p",
    "_bootstrap": "paired_bootstrap",
    "_calibration": "Brier Forecast brier calibration_error calibration_noise edges_of reliability_bins",
    "_changes": "block_length change_p change_points dependence level_noise segments",
    "_clusters": "clustered_mean clustered_rate",
    "_collapse": "Collapsed collapse",
    "_families": "benjamini_hochberg holm",
    "_dispersion": "Dispersion dispersion",
    "_flips": "paired_difference sign_flip_p",
    "_group_sequential": "boundaries classical_boundaries crossing_probability drift_for_power",
    "_judged": "prediction_powered rogan_gladen",
    "_model": "Interval",
    "_paired_z": "sequential_z",
    "_ranks": "SignedRanks wilcoxon",
    "_rates": "clopper_pearson wilson",
    "_repeats": "mean_over_cases pass_at_k pass_hat_k",
    "_restarts": "Restarts",
    "_sequences": "bounded_ratio mean_sequence rate_ratio_sequence ratio_sequence",
    "_serial": "Serial",
    "_sizes": "cases_needed pairs_to_detect pairs_to_rule_out",
    "_special": "beta_cdf normal_quantile normal_tail t_quantile t_tail z_of",
    "_spending": "Spending spending",
    "_summary": "MOST_K Summary summarise",
    "_thresholds": "errors_allowed lowest_safe resampled_thresholds threshold_grid trials_to_start",
    "_trend": "sum_ahead theil_sen trend_correlation",
    "_unpaired": "newcombe ratio_bootstrap welch",
    "_wealth": "BOLD GRID RARE RATIOS CountBets MeanBets Side Wealth e_value reserves",
}
"""Where each public name lives, by module."""

__all__ = [
    "BOLD",
    "GRID",
    "MOST_K",
    "RARE",
    "RATIOS",
    "Brier",
    "Collapsed",
    "CountBets",
    "Dispersion",
    "Forecast",
    "Interval",
    "MeanBets",
    "Restarts",
    "Serial",
    "Side",
    "SignedRanks",
    "Spending",
    "Summary",
    "Wealth",
    "benjamini_hochberg",
    "beta_cdf",
    "block_length",
    "boundaries",
    "bounded_ratio",
    "brier",
    "calibration_error",
    "calibration_noise",
    "cases_needed",
    "change_p",
    "change_points",
    "classical_boundaries",
    "clopper_pearson",
    "clustered_mean",
    "clustered_rate",
    "cohen_kappa",
    "collapse",
    "crossing_probability",
    "dependence",
    "dispersion",
    "drift_for_power",
    "e_value",
    "edges_of",
    "errors_allowed",
    "fisher_mid_p",
    "holm",
    "level_noise",
    "log_assignment_evidence",
    "lowest_safe",
    "mcnemar_exact",
    "mcnemar_mid_p",
    "mean_over_cases",
    "mean_sequence",
    "newcombe",
    "normal_quantile",
    "normal_tail",
    "paired_bootstrap",
    "paired_difference",
    "pairs_to_detect",
    "pairs_to_rule_out",
    "pass_at_k",
    "pass_hat_k",
    "prediction_powered",
    "rate_ratio_sequence",
    "ratio_bootstrap",
    "ratio_sequence",
    "reliability_bins",
    "resampled_thresholds",
    "reserves",
    "rogan_gladen",
    "segments",
    "sequential_z",
    "sign_flip_p",
    "spending",
    "sum_ahead",
    "summarise",
    "t_quantile",
    "t_tail",
    "theil_sen",
    "threshold_grid",
    "trend_correlation",
    "trials_to_start",
    "welch",
    "wilcoxon",
    "wilson",
    "z_of",
]

_PLACES = {name: home for home, names in _HOMES.items() for name in names.split()}

__getattr__ = lazy(__name__, _PLACES)


def __dir__() -> list[str]:
    return sorted(__all__)
