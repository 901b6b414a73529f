"""Rewrite docs/validation/*.csv and the tables of docs/which_rho.md from results/validation/.

Run `snakemake validation` first; docs/validation/levels.csv is written by tools/measure_levels.py.
"""

from runpy import run_path

from shuyi import io
from shuyi.spatialpanel.conventions import compare_conventions
from shuyi.spatialpanel.study import page

WHAT = {
    "coverage": page.documented_coverage,
    "bias": page.documented_bias,
    "size": page.documented_size,
    "bootstrap": page.documented_bootstrap,
}
for what, documented in WHAT.items():
    io.write_csv(f"docs/validation/{what}.csv", documented(io.read_csv(f"results/validation/{what}.csv")))
cigarettes = run_path("docs/cigarette.py")
table = compare_conventions(
    cigarettes["data"], cigarettes["weights"], outcome="logc", regressors=["logp", "logy"]
)
tables = {what: io.read_csv(f"docs/validation/{what}.csv") for what in WHAT}
tables["levels"] = io.read_csv("docs/validation/levels.csv")
text = page.write_blocks(io.read_text("docs/which_rho.md"), page.blocks(tables, table))
io.write_text("docs/which_rho.md", text)
