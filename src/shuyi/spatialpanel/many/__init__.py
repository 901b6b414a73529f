"""Many fits in one call: specifications that share data, and outcomes that share a design.

>>> from shuyi.spatialpanel.many import draw_outcomes, fit_many, fit_resampled, null_curve

Modules, in the order in which a number passes through them: `plan` (specifications to groups of one shape),
`bank` (variables transformed once), `stack` (a group's arrays and orthonormal bases), `search` (rho or lam of
all fits at once), `estimates`, `information`, `jackknife`, `effects`, `batch` (one stack from data to
numbers), `fits` and `resampled` (specifications, outcomes), `draws` and `null` (outcomes from a fit, and the
curve under a null), `results`. What is not computed together, or comes close to a refusal, goes to the single
fit, which also words every refusal.
"""

from shuyi.spatialpanel.many.draws import draw_outcomes
from shuyi.spatialpanel.many.fits import fit_many
from shuyi.spatialpanel.many.null import NullCurve, null_curve
from shuyi.spatialpanel.many.resampled import fit_resampled
from shuyi.spatialpanel.many.results import ManyFits, ResampledFits

__all__ = [
    "ManyFits",
    "NullCurve",
    "ResampledFits",
    "draw_outcomes",
    "fit_many",
    "fit_resampled",
    "null_curve",
]
