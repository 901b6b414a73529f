"""Classes of a map about a centre."""

import numpy as np
import pytest

from shuyi.errors import DataError
from shuyi.publish import maps


def test_classes_about_a_centre_end_at_the_data():
    values = np.array([-5.0, -4.9, -0.2, 0.0, 0.2, 0.3, 2.9, 3.0, 102.0])
    found = maps.classify(values, "natural_breaks", 6, centre=0.0)
    assert found.bounds == (-5.0, -4.9, -0.2, 0.0, 0.3, 3.0, 102.0)
    assert found.assign(values).tolist() == [0, 1, 2, 3, 3, 3, 4, 4, 5]
    assert len(set(found.colours())) == found.k


def test_no_class_about_a_centre_is_empty():
    few = np.array([-0.5, 0.0, 1.0, 2.0, 3.0, 4.0])
    found = maps.classify(few, "natural_breaks", 6, centre=0.0)
    assert (found.below, found.k, found.bounds[0], found.bounds[-1]) == (1, 4, -0.5, 4.0)
    assert set(found.assign(few)) == set(range(found.k))
    below = maps.classify(np.array([-2.0, -1.0, 0.0]), "natural_breaks", 4, centre=0.0)
    assert below.assign(np.array([-2.0, -1.0, 0.0])).tolist() == [0, 1, 1]
    with pytest.raises(DataError, match="Too few distinct"):
        maps.classify([0.0, 0.0], "natural_breaks", 4, centre=0.0)
