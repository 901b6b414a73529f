"""Write docs/validation/levels.csv: the level of every test of a specification, by simulation.

About an hour on one core: 500 panels in each of three designs. Panels are independent of each other, so that
`shuyi.spatialpanel.study.levels.level_table(..., panels=...)` may be spread over processes.
"""

import pandas as pd

from shuyi import io
from shuyi.spatialpanel.study.levels import DESIGNS, level_table
from shuyi.weights import Sources, build_weights

CONTIGUITY = {"kind": "contiguity", "links": [["440000", "460000"]], "normalisation": "row"}

borders = Sources.of_provinces(io.read_rows("data/snapshot/adjacency.csv"))
weights = build_weights(CONTIGUITY, borders)
tables = [level_table(design, weights) for design in DESIGNS]
io.write_csv("docs/validation/levels.csv", pd.concat(tables, ignore_index=True))
