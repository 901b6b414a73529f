"""Many fits in one call: specifications that share data, and outcomes that share a design.

>>> from shuyi.spatialpanel.many import fit_many, fit_resampled

Modules, in the order in which a number passes through them: `plan` (specifications to groups of one shape),
`bank` (variables transformed once), `stack` (a group's arrays and orthonormal bases), `search` (rho or lam of
all fits at once), `estimates`, `covariances`, `effects`, `batch` (one stack from data to numbers), `fits` and
`resampled` (the two entries), `results`. What is not computed together, or comes close to a refusal, goes to
the single fit, which also words every refusal.
"""

from shuyi.spatialpanel.many.fits import fit_many
from shuyi.spatialpanel.many.resampled import fit_resampled
from shuyi.spatialpanel.many.results import ManyFits, ResampledFits

__all__ = ["ManyFits", "ResampledFits", "fit_many", "fit_resampled"]
