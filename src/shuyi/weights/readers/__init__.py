"""Files of weights that users bring, of every form met in the field, aligned by label.

`guess_weights` proposes a `WeightsSource`; `read_weights` reads what it describes and reports what it found.
"""

from shuyi.weights.readers.read import (
    WeightsGuess,
    WeightsReading,
    WeightsSource,
    guess_weights,
    read_weights,
)

__all__ = ["WeightsGuess", "WeightsReading", "WeightsSource", "guess_weights", "read_weights"]
