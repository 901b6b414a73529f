import numpy as np
import pytest
from distribution_cases import panel_of, ring, us_states
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import gaussian_kde

from shuyi.analyses.dynamics import chains
from shuyi.errors import ConfigError, DataError, WeightsError
from shuyi.weights import Weights

MASS = 1e-5
"""What the trapezoid rule and the tails beyond the grid leave of a density's mass."""

MASS = 1e-5
"""Tails beyond five bandwidths hold less than 6e-7 of each kernel; the rest is the trapezoid rule."""
PRINTED = 5e-9
"""giddy's documentation prints eight digits."""
ROUNDING = 1e-12


@pytest.fixture(scope="module")
def noisy():
    rng = np.random.default_rng(4)
    return panel_of(np.exp(rng.normal(size=(9, 31)) * 0.3 + rng.normal(size=31)))


@pytest.fixture(scope="module")
def states():
    return us_states()


def test_densities_are_the_sum_of_kernels_and_integrate_to_one(noisy):
    result = chains.kernel_densities(noisy, "y")
    np.testing.assert_allclose(result.mass, 1.0, atol=MASS)
    y = noisy["y"][3]
    h = min(y.std(ddof=1), np.subtract(*np.percentile(y, [75, 25])) / 1.34) * (3 * 31 / 4) ** -0.2
    np.testing.assert_allclose(result.bandwidth[3], h, rtol=ROUNDING)
    u = (result.grid[:, None] - y) / h
    by_hand = np.exp(-(u**2) / 2).sum(axis=1) / (31 * h * np.sqrt(2 * np.pi))
    np.testing.assert_allclose(result.density[3], by_hand, rtol=1e-9, atol=1e-15)


def test_one_unit_far_from_all_others_does_not_widen_the_kernels(noisy):
    y = noisy["y"].copy()
    y[:, 0] = 20 * y.max()
    spread = np.percentile(y[0], 75) - np.percentile(y[0], 25)
    far = chains.kernel_densities(panel_of(y), "y")
    assert far.bandwidth[0] < spread / 1.34 * (3 * 31 / 4) ** -0.2 * (1 + ROUNDING)
    flat = np.r_[np.ones(30), 2.0]
    equal = chains.kernel_densities(panel_of([flat, flat + 1]), "y")
    np.testing.assert_allclose(equal.bandwidth, flat.std(ddof=1) * (3 * 31 / 4) ** -0.2, rtol=ROUNDING)


def test_two_far_groups_have_two_modes():
    rng = np.random.default_rng(1)
    one = rng.normal(0, 1, 30)
    both = np.concatenate([one[:15], one[15:] + 12])
    result = chains.kernel_densities(panel_of([one, both]), "y")
    assert result.modes[1] == 2
    frame = result.summary_frame()
    assert frame.columns.tolist()[-2:] == ["mode", "peak"]
    assert len(result.to_frame()) == 2 * len(result.grid)


def test_space_conditioned_densities_divide_by_the_neighbours(noisy):
    w = ring(noisy.units)
    result = chains.kernel_densities(noisy, "y", relative_to="neighbours", weights=w)
    divided = noisy["y"] / w.lag(noisy["y"])
    kernels = [
        gaussian_kde(row, bw_method=h / row.std(ddof=1))
        for row, h in zip(divided, result.bandwidth, strict=True)
    ]
    folded = [kernel(result.grid) + kernel(-result.grid) for kernel in kernels]
    np.testing.assert_allclose(result.density, folded, rtol=1e-9)


def test_no_mass_of_a_ratio_lies_below_zero(noisy):
    found = chains.kernel_densities(noisy, "y", relative_to="mean")
    assert found.grid[0] >= 0.0
    np.testing.assert_allclose(found.mass, 1.0, atol=MASS)
    given = chains.conditional_density(noisy, "y", given="own", lag=1)
    assert given.grid[0] >= 0.0
    np.testing.assert_allclose(np.trapezoid(given.density, given.grid, axis=1), 1.0, atol=MASS)


@pytest.mark.parametrize(
    ("given_value", "lag"), [("own", 1), ("own", 3), ("neighbours", 0), ("neighbours", 1)]
)
def test_conditional_densities_integrate_to_one(noisy, given_value, lag):
    result = chains.conditional_density(noisy, "y", given=given_value, lag=lag, weights=ring(noisy.units))
    np.testing.assert_allclose(np.trapezoid(result.density, result.grid, axis=1), 1.0, atol=MASS)
    assert result.n_pairs == 31 * (9 - lag)
    assert (result.density >= 0).all()


def test_conditional_mean_of_a_line_lies_on_it():
    """y_{t+1} = 1 + x_t / 2 + little noise: in the middle of the data the conditional mean follows."""
    rng = np.random.default_rng(2)
    x = rng.uniform(1, 3, 2000)
    y = 1 + x / 2 + 0.02 * rng.normal(size=2000)
    result = chains.conditional_density(panel_of([x, y]), "y", relative_to="none")
    mean = np.trapezoid(result.density * result.grid, result.grid, axis=1)
    middle = slice(15, 45)
    np.testing.assert_allclose(mean[middle], 1 + result.grid_given[middle] / 2, atol=0.05)


def test_chain_of_us_incomes_is_that_of_giddy(states):
    chain = chains.markov(states[0], "y", classes=5)
    printed = [
        [707, 58, 7, 1, 0],
        [50, 629, 80, 1, 1],
        [4, 79, 610, 73, 2],
        [0, 7, 72, 650, 37],
        [0, 0, 0, 48, 724],
    ]
    np.testing.assert_array_equal(chain.counts, printed)
    steady = [0.17957376, 0.21631443, 0.21499942, 0.21134662, 0.17776576]
    np.testing.assert_allclose(chain.ergodic, steady, atol=PRINTED)
    np.testing.assert_allclose(chain.ergodic @ chain.probabilities, chain.ergodic, rtol=1e-9)


def test_spatial_chain_of_us_incomes_is_that_of_giddy(states):
    panel, weights = states
    result = chains.spatial_markov(panel, "y", weights, classes=5)
    np.testing.assert_allclose(
        result.chain.cutoffs, [0.83999133, 0.94707545, 1.03242697, 1.14911154], atol=PRINTED
    )
    np.testing.assert_allclose(
        result.lag_cutoffs, [0.88973386, 0.95891917, 1.01469758, 1.1183566], atol=PRINTED
    )
    np.testing.assert_allclose(
        result.probabilities[0, 0], [0.96341463, 0.0304878, 0.00609756, 0, 0], atol=PRINTED
    )
    np.testing.assert_allclose(
        result.ergodic[0], [0.43509425, 0.2635327, 0.20363044, 0.06841983, 0.02932278], atol=PRINTED
    )
    test = result.over_neighbourhoods
    assert (round(test.lr, 3), round(test.q, 3), test.df) == (170.659, 200.624, 60)
    np.testing.assert_array_equal(result.counts.sum(axis=0), result.chain.counts)
    few = chains.spatial_markov(panel, "y", weights, classes=5, lag_classes=4)
    np.testing.assert_allclose(few.lag_cutoffs, [0.91440247, 0.98583079, 1.08698351], atol=PRINTED)
    own = chains.spatial_markov(panel, "y", weights, classes=5, lag_bounds="own")
    np.testing.assert_array_equal(own.lag_cutoffs, own.chain.cutoffs)
    assert np.isnan(own.probabilities[4, 0]).all()
    assert np.isnan(own.ergodic[4]).all()
    assert chains.ergodic_status(own.probabilities[4]) == "class without transitions"


def test_chain_by_hand():
    """One unit rises and falls back. The median, 8.0, is itself low: four units start low and two high."""
    low, high = [1.0, 1.1, 1.2], [8.0, 8.1, 8.2]
    y = [[*low, *high], [9.0, *low[1:], *high], [*low, *high]]
    chain = chains.markov(panel_of(y), "y", classes=2, relative_to="none")
    np.testing.assert_array_equal(chain.counts, [[6, 1], [1, 4]])
    np.testing.assert_allclose(chain.probabilities, [[6 / 7, 1 / 7], [0.2, 0.8]])
    np.testing.assert_allclose(chain.ergodic, [7 / 12, 5 / 12])
    np.testing.assert_allclose(chain.sojourn, [7.0, 5.0])
    np.testing.assert_allclose(chain.std_errors[1], np.sqrt(0.8 * 0.2 / 5))
    mobility = dict(chain.mobility)
    np.testing.assert_allclose(mobility["shorrocks"], 0.2 + 1 / 7)
    np.testing.assert_allclose(mobility["determinant"], 1 - (0.8 * 6 / 7 - 0.2 / 7))
    np.testing.assert_allclose(mobility["second_eigenvalue"], 0.2 + 1 / 7)


def test_homogeneity_by_hand():
    """Two 2 x 2 tables: Q and LR of each row are those of a contingency table of matrix by destination."""
    from scipy.stats import chi2_contingency

    counts = np.array([[[10.0, 5], [4, 20]], [[6, 9], [5, 15]]])
    result = chains.homogeneity(counts, "over time")
    rows = [counts[:, i] for i in (0, 1)]
    q = sum(chi2_contingency(row, correction=False)[0] for row in rows)
    lr = sum(chi2_contingency(row, correction=False, lambda_="log-likelihood")[0] for row in rows)
    np.testing.assert_allclose([result.q, result.lr], [q, lr], rtol=1e-9)
    assert result.df == 2


def test_equal_matrices_are_homogeneous_and_nothing_left_gives_no_p_value():
    counts = np.array([[[10.0, 5], [4, 20]]] * 2)
    result = chains.homogeneity(counts, "over time")
    assert result.lr == pytest.approx(0, abs=ROUNDING)
    assert result.lr_p_value == pytest.approx(1)
    still = chains.homogeneity(np.array([np.diag([3.0, 4.0])] * 2), "over time")
    assert still.df == 0
    assert np.isnan(still.q_p_value)


def test_no_unique_ergodic_distribution_without_moves():
    y = np.tile([1.0, 2.0, 3.0, 4.0], (4, 1))
    chain = chains.markov(panel_of(y), "y", classes=2)
    assert np.isnan(chain.ergodic).all()
    assert chains.ergodic_status(chain.probabilities) == "several recurrent groups"
    assert np.isinf(chain.sojourn).all()
    assert dict(chain.mobility)["shorrocks"] == 0


def test_frames_are_tidy(states):
    result = chains.spatial_markov(*states[:1], "y", states[1], name="contiguity")
    frame = result.to_frame()
    assert frame["neighbourhood"].drop_duplicates().tolist() == ["all", "1", "2", "3", "4"]
    assert len(frame) == 5 * 16
    shares = result.ergodic_frame()
    assert len(shares) == 5 * 4
    assert ((shares["status"] == "unique") == shares["ergodic"].notna()).all()
    assert result.tests_frame()["hypothesis"].tolist() == ["over time", "over neighbourhoods"]
    classes = result.chain.classes_frame()
    assert classes["observations"].sum() == 48 * 81
    assert np.isinf(classes["upper"].iloc[-1])
    assert result.chain.to_frame()["count"].sum() == 48 * 80


@given(st.permutations(range(31)), st.floats(0.1, 10))
def test_order_of_units_and_unit_of_measurement_do_not_matter(order, scale):
    rng = np.random.default_rng(4)
    y = np.exp(rng.normal(size=(5, 31)))
    one = chains.markov(panel_of(y), "y", classes=3)
    other = chains.markov(panel_of(scale * y[:, order]), "y", classes=3)
    np.testing.assert_array_equal(one.counts, other.counts)


def test_what_cannot_be_estimated_is_refused(noisy):
    w = ring(noisy.units)
    flat = noisy["y"].copy()
    flat[2] = 1.0
    with pytest.raises(DataError, match=r"differ across units.*\n.*\n.*constant in 2018"):
        chains.kernel_densities(panel_of(flat), "y")
    with pytest.raises(DataError, match=r"cannot be cut into 4.*\n.*\n.*3 different bounds"):
        chains.markov(panel_of(np.tile([1.0, 1.0, 1.0, 5.0], (3, 1))), "y")
    with pytest.raises(DataError, match="needs three periods"):
        chains.markov(noisy.select(periods=[2016, 2017]), "y")
    with pytest.raises(DataError, match="a lag from 1 to 8"):
        chains.conditional_density(noisy, "y", lag=0)
    with pytest.raises(DataError, match="singular covariance"):
        chains.conditional_density(panel_of(np.tile(noisy["y"][0], (2, 1))), "y", relative_to="none")
    with pytest.raises(ConfigError, match="need weights"):
        chains.kernel_densities(noisy, "y", relative_to="neighbours")
    with pytest.raises(ConfigError, match="did you mean 'mean'"):
        chains.kernel_densities(noisy, "y", relative_to="means")
    plain = Weights.from_frame(2 * w.to_frame())
    with pytest.raises(WeightsError, match=r"sum to one.*\n.*\n.*00 \(2\)"):
        chains.spatial_markov(noisy, "y", plain)
