"""Digital spillovers between Chinese provinces: data, weights, spatial panel models, tables and maps."""

from shuyi import _moved

_moved.install()
