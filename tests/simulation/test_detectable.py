"""The minimum detectable effect solves its equation, scales as it must, and has its power in simulation."""

import numpy as np
import pytest
from scipy.stats import t as student

from shuyi.errors import AlignmentError, ConfigError, IdentificationError
from shuyi.panel import Panel
from shuyi.spatialpanel.montecarlo import lattice
from shuyi.spatialpanel.montecarlo.detectable import minimum_detectable_effect
from shuyi.spatialpanel.montecarlo.simulate import simulate

# The search ends at 1e-10 standard deviations of the innovations.
SEARCH = {"rel": 1e-6}
# Standard errors of a binomial share, plus what the delta method misses at n = 36, T = 8.
POWER = 4.0
DELTA = 0.04

W = lattice(6)
NEEDED = student.ppf(0.975, 35) + student.ppf(0.8, 35)


@pytest.mark.parametrize("target", ["indirect", "total", "theta", "direct"])
@pytest.mark.parametrize("sign", [1, -1])
def test_the_effect_is_as_many_errors_from_zero_as_the_power_needs(target, sign):
    found = minimum_detectable_effect(W, 8, rho=0.4, beta=(0.2,), target=target, sign=sign)
    assert sign * found.effect / found.std_error == pytest.approx(NEEDED, **SEARCH)
    value = found.theta if target == "theta" else getattr(found, target)
    assert found.effect == value
    assert found.total == pytest.approx((0.2 + found.theta) / 0.6)
    assert found.total == pytest.approx(found.direct + found.indirect)


@pytest.mark.parametrize("target", ["indirect", "theta"])
def test_simulated_power_is_the_power_asked_for(target):
    found = minimum_detectable_effect(W, 8, rho=0.4, target=target, replications=300, seed=3)
    assert found.replications == 300
    assert abs(found.simulated_power - 0.8) < POWER * np.sqrt(0.8 * 0.2 / 300) + DELTA
    assert found.mc_error == pytest.approx(np.sqrt(found.simulated_power * (1 - found.simulated_power) / 300))


def test_less_is_detected_with_more_periods_less_noise_and_less_power():
    effect = {T: minimum_detectable_effect(W, T, rho=0.4).effect for T in (5, 10, 20)}
    assert effect[5] > effect[10] > effect[20]
    assert minimum_detectable_effect(W, 10, rho=0.4, power=0.5).effect < effect[10]
    assert minimum_detectable_effect(W, 10, rho=0.4, sigma2=0.25).effect < effect[10]


def test_without_an_own_effect_it_scales_with_the_noise():
    one, four = (minimum_detectable_effect(W, 8, rho=0.4, beta=(0.0,), sigma2=s) for s in (1.0, 4.0))
    assert four.effect == pytest.approx(2 * one.effect, **SEARCH)


def test_own_regressors_give_the_design():
    drawn = simulate("ols", W, 8, seed=5, beta=(1.0, 1.0))
    x = Panel(drawn.array(["x1", "x2"]), drawn.units, drawn.periods, ("a", "b"))
    double = x.with_variables({"b": 2 * x["b"]})
    given = {"rho": 0.3, "beta": (1.0, 0.0), "theta": (0.5, 0.0), "term": 1}
    first = minimum_detectable_effect(W, 8, regressors=x, **given)
    second = minimum_detectable_effect(W, 8, regressors=double, **given)
    assert second.effect == pytest.approx(first.effect / 2, **SEARCH)


def test_refusals():
    with pytest.raises(ConfigError, match="did you mean 'indirect'"):
        minimum_detectable_effect(W, 8, rho=0.4, target="indirct")
    with pytest.raises(ConfigError, match=r"power = 1\.2"):
        minimum_detectable_effect(W, 8, rho=0.4, power=1.2)
    with pytest.raises(ConfigError, match="theta = "):
        minimum_detectable_effect(W, 8, rho=0.4, theta=(0.1, 0.2))
    with pytest.raises(IdentificationError, match="detects no spillover"):
        minimum_detectable_effect(W, 8, rho=0.0, target="direct", beta=(0.0,))
    other = simulate("ols", W.reindex(W.labels[::-1]), 8, seed=1)
    with pytest.raises(AlignmentError):
        minimum_detectable_effect(W, 8, rho=0.4, regressors=other)
