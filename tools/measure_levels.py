"""Write src/shuyi/resources/levels.csv: the level of every test of a specification, by simulation.

About an hour and a half on one core: 500 or 300 panels in each of four designs. Panels are independent of
each other, so that `shuyi.spatialpanel.montecarlo.levels.level_table(..., panels=...)` may be spread over
processes.
"""

import pandas as pd

from shuyi import files
from shuyi.china.sources import province_sources
from shuyi.spatialpanel.montecarlo.levels import DESIGNS, level_table
from shuyi.weights import build_weights

CONTIGUITY = {"kind": "contiguity", "links": [["440000", "460000"]], "normalisation": "row"}

sources = province_sources(files.read_rows("data/snapshot/adjacency.csv"))
weights = build_weights(CONTIGUITY, sources)
tables = [level_table(design, weights) for design in DESIGNS]
files.write_csv("src/shuyi/resources/levels.csv", pd.concat(tables, ignore_index=True))
