"""The identities that a printed table must satisfy, by key.

Every function takes a `PrintedTable` whose parentheses are settled and yields one `Check` per place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from shuyi.review.findings import Check
from shuyi.review.identities import bounds, chi2, effects, entropy, likelihood, magnitude, moran, sizes, stars
from shuyi.review.table import PrintedTable

Identity = Callable[[PrintedTable], Iterator[Check]]

IDENTITIES: tuple[Identity, ...] = (
    effects.effects_sum,
    effects.total_effect,
    effects.direct_without_lag,
    effects.feedback,
    effects.one_total_multiplier,
    effects.dynamic_totals,
    stars.stars_agree,
    stars.signs_agree,
    stars.errors_positive,
    stars.further_numbers_agree,
    chi2.p_values,
    chi2.equal_df,
    chi2.stars_of_tests,
    chi2.lm_identity,
    chi2.lm_not_negative,
    chi2.likelihood_ratio,
    chi2.restrictions,
    likelihood.number_from_likelihood,
    likelihood.number_from_variance,
    likelihood.akaike,
    likelihood.schwarz,
    likelihood.criteria_order,
    sizes.observations,
    sizes.r_squared,
    moran.standard_deviation,
    moran.expected_value,
    moran.bounds_and_counts,
    moran.moran_p,
    bounds.admissible,
    bounds.stable,
    entropy.weights_sum,
    entropy.dimension_sums,
    entropy.weights_from_entropy,
    entropy.weights_in_range,
)
"""Functions whose checks carry a verdict, in the order of a report."""

REMARKS: tuple[Identity, ...] = (magnitude.magnitude_jumps,)
"""Functions whose observations are no verdicts."""
