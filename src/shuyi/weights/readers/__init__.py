"""Files of weights that users bring, of every form met in the field, aligned by label.

`read_weights` reads what a `WeightsSource` describes and reports what it found.
"""

from shuyi.weights.readers.read import WeightsReading, WeightsSource, read_weights

__all__ = ["WeightsReading", "WeightsSource", "read_weights"]
