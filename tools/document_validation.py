"""Rewrite docs/validation/*.csv and the tables of docs/which_rho.md from results/validation/.

Run `snakemake validation` first; src/shuyi/resources/levels.csv is written by tools/measure_levels.py.
"""

from runpy import run_path

import validation_page as page

from shuyi import files
from shuyi.spatialpanel.corrections import compare_corrections
from shuyi.spatialpanel.montecarlo.levels import measured_levels

WHAT = {
    "coverage": page.documented_coverage,
    "bias": page.documented_bias,
    "size": page.documented_size,
    "bootstrap": page.documented_bootstrap,
}
for what, documented in WHAT.items():
    files.write_csv(
        f"docs/validation/{what}.csv", documented(files.read_csv(f"results/validation/{what}.csv"))
    )
cigarettes = run_path("docs/cigarette.py")
table = compare_corrections(
    cigarettes["data"], cigarettes["weights"], outcome="logc", regressors=["logp", "logy"]
)
tables = {what: files.read_csv(f"docs/validation/{what}.csv") for what in WHAT}
tables["levels"] = measured_levels()
text = page.write_blocks(files.read_text("docs/which_rho.md"), page.blocks(tables, table))
files.write_text("docs/which_rho.md", text)
