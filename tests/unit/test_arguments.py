import numpy as np
import pytest

from shuyi.arguments import check_draws, check_level, check_memory, check_seed, finite_number, whole_number
from shuyi.errors import ConfigError

NO_WHOLE_NUMBERS = ("5", None, True, np.True_, 2.5, float("nan"), float("inf"), -float("inf"), [3], 1 + 0j)


@pytest.mark.parametrize("value", [7, 7.0, np.int64(7), np.float32(7.0)])
def test_whole_numbers_may_be_written_as_floats(value):
    assert whole_number(value, "k") == 7
    assert type(whole_number(value, "k")) is int


@pytest.mark.parametrize("value", NO_WHOLE_NUMBERS, ids=repr)
def test_other_values_are_no_whole_numbers(value):
    with pytest.raises(ConfigError, match="k is a whole number"):
        whole_number(value, "k")


def test_bounds_are_admissible_and_named():
    assert whole_number(2, "k", least=2, most=4) == 2
    with pytest.raises(ConfigError, match="from 2 to 4"):
        whole_number(5, "k", least=2, most=4)


@pytest.mark.parametrize("draws", [-5, 1, 0.5, 1e400, None])
def test_draws_that_mean_nothing_are_refused(draws):
    with pytest.raises(ConfigError, match="draws"):
        check_draws(draws, none=True)


def test_zero_draws_are_admissible_where_they_mean_no_simulation():
    assert check_draws(0, none=True) == 0
    assert check_draws(1000.0) == 1000
    with pytest.raises(ConfigError, match="draws"):
        check_draws(0)


@pytest.mark.parametrize("draws", [10**9, 10**18])
def test_memory_is_estimated_before_it_is_asked_for(draws):
    with pytest.raises(ConfigError, match=rf"permutations={draws} would take .* GiB"):
        check_draws(draws, "permutations", each=80)


def test_memory_within_the_limit_passes():
    check_memory(2**30, "draws=1000")


@pytest.mark.parametrize("seed", [-1, 1.5, None, "1", 2**64, float("nan"), True])
def test_seeds_are_whole_numbers_of_zero_or_more(seed):
    with pytest.raises(ConfigError, match="seed"):
        check_seed(seed)
    assert check_seed(3.0) == 3


@pytest.mark.parametrize("level", [0, 1, 95, -0.1, 5, float("nan"), float("inf"), None, "0.95", True])
def test_levels_lie_between_zero_and_one(level):
    with pytest.raises(ConfigError, match="level is a share"):
        check_level(level)
    assert check_level(np.float64(0.9)) == 0.9


def test_per_cent_are_told_as_shares():
    with pytest.raises(ConfigError, match=r"95 per cent as 0\.95"):
        check_level(95)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "2", None, -1, False])
def test_settings_are_finite(value):
    with pytest.raises(ConfigError, match="margin"):
        finite_number(value, "margin", least=0)
    assert finite_number(0, "margin", least=0) == 0.0
    with pytest.raises(ConfigError, match="above 0"):
        finite_number(0, "margin", above=0)
