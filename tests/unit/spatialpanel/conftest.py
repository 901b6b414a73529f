"""Small panels and weights on which every formula can be checked by brute force."""

import numpy as np
import pytest
from spatial_cases import make_panel, make_weights


@pytest.fixture
def weights_of():
    return make_weights


@pytest.fixture
def panel_of():
    return make_panel


@pytest.fixture
def weights(request):
    """Row-standardised weights of the N units of the test's module."""
    return make_weights("row", request.module.N)


@pytest.fixture
def panel(request, weights):
    """N units and T periods, as the test's module sets them."""
    return make_panel(request.module.N, request.module.T, weights)


@pytest.fixture
def central_difference():
    def differentiate(function, x, step=1e-6):
        x = np.asarray(x, float)
        columns = []
        for j in range(len(x)):
            h = step * max(1.0, abs(x[j]))
            up, down = x.copy(), x.copy()
            up[j] += h
            down[j] -= h
            columns.append((np.asarray(function(up)) - np.asarray(function(down))) / (2 * h))
        return np.stack(columns, axis=-1)

    return differentiate
