"""Treatments of some units from a period on: who is exposed, effects, and inference by re-assigned paths.

>>> from shuyi.spatialpanel.treatment import Treatment
>>> treatment = Treatment({"b": 2003}, ("a", "b", "c"), (2001, 2002, 2003, 2004))
>>> treatment.paths[:, 1]
array([0., 0., 1., 1.])

Modules, in the order in which a number passes through them: `paths` (who is treated when, and who is
exposed), `assignments` (the same paths given to other units), `event_study` (effects by period), `effects`
(coefficients under re-assigned paths, and effects of the treatment that took place).
"""

from shuyi.spatialpanel.treatment.assignments import Assignments, assignments
from shuyi.spatialpanel.treatment.effects import ActualEffects, actual_effects, permutation_test
from shuyi.spatialpanel.treatment.event_study import EventStudy, event_study
from shuyi.spatialpanel.treatment.paths import DesignError, Treatment

__all__ = [
    "ActualEffects",
    "Assignments",
    "DesignError",
    "EventStudy",
    "Treatment",
    "actual_effects",
    "assignments",
    "event_study",
    "permutation_test",
]
