"""Empty forms."""

from __future__ import annotations

from shuyi.errors import ConfigError, check_known

HEAD = """# Type what is printed, digit by digit; trailing zeros count. Delete what is not printed.
# A cell is [value, number in parentheses, "stars"]. See docs/check_table.md.
id: {id}
paren_label:                # se | t | z | p: what the note says the parentheses hold
stars: []                   # levels of *, **, ***, such as [0.1, 0.05, 0.01]; empty: the usual ones are tried
N:                          # observations
n:                          # units
T:                          # periods
W:                          # name of the weights
row_standardised:           # yes | no
simulated:                  # yes | no: whether effects are means of draws
structure:                  # fixed | random
covariance:                 # such as robust or cluster
"""
SPATIAL = {
    "sar": ("rho",),
    "sem": ("lam",),
    "sdm": ("rho",),
    "slx": (),
    "sdem": ("lam",),
    "sac": ("rho", "lam"),
}
TAIL = ("sigma2", "logL", "R2", "AIC", "BIC")
CELL = '[~, ~, ""]'
EFFECTS = ("direct", "indirect", "total")
LM = """lm:
  - name: W1
    LM_lag: [~, ~]          # statistic, p
    LM_err: [~, ~]
    RLM_lag: [~, ~]
    RLM_err: [~, ~]
    LM_joint: [~, ~]
tests:
  - {test: LR SDM/SAR, stat: ~, p: ~, df: ~}
  - {test: LR SDM/SEM, stat: ~, p: ~, df: ~}
  - {test: Hausman, stat: ~, p: ~, df: ~}
equal_df: []                # sets of tests said to have equal df, such as [[LR SDM/SAR, LR SDM/SEM]]
"""
MORAN = """moran:
  - {group: W1, year: 2016, I: ~, z: ~, sd: ~, E: ~, p: ~, quadrants: []}
  - {group: W1, year: 2017, I: ~, z: ~, sd: ~, E: ~, p: ~, quadrants: []}
"""
ENTROPY = """entropy:
  dimensions: {dimension 1: ~, dimension 2: ~}
  weights:
    - {indicator: x1, dimension: dimension 1, weight: ~, entropy: ~}
    - {indicator: x2, dimension: dimension 2, weight: ~, entropy: ~}
"""
CSV = """column,part,row,value,beside,stars
,table,paren_label,,,
,table,N,,,
SDM,b,x1,,,
SDM,theta,x1,,,
SDM,rho,,,,
SDM,sigma2,,,,
SDM,logL,,,,
SDM,direct,x1,,,
SDM,indirect,x1,,,
SDM,total,x1,,,
W1,lm,LM_lag,,,
,test,LR SDM/SAR,,,
W1,moran,2016,,,
dimension 1,weight,indicator 1,,,
"""
DURBIN = ("slx", "sdm", "sdem", "dynamic")
KINDS = (*SPATIAL, "dynamic", "lm", "moran", "entropy", "csv")


def template(kind: str) -> str:
    """Return an empty form.

    Parameters
    ----------
    kind : str
        One of `KINDS`: a model, ``dynamic`` (an SDM with lags in time), ``lm``, ``moran``, ``entropy`` or
        ``csv``.

    Returns
    -------
    str
        YAML, or CSV for ``csv``.

    Raises
    ------
    ConfigError
        If there is no such form.

    Examples
    --------
    >>> template("moran").splitlines()[-1][:21]
    '  - {group: W1, year:'
    """
    check_known(kind, KINDS, "template", ConfigError)
    if kind == "csv":
        return CSV
    body = {"lm": LM, "moran": MORAN, "entropy": ENTROPY}.get(kind) or _model(kind)
    return HEAD.format(id="table 1") + body


def _model(kind: str) -> str:
    name = "SDM" if kind == "dynamic" else kind.upper()
    lines = ["columns:", f"  - name: {name}", f"    model: {name.lower()}"]
    for part in ("b", "theta") if kind in DURBIN else ("b",):
        lines += [f"    {part}:", f"      x1: {CELL}", f"      x2: {CELL}"]
    parameters = ("tau", "rho", "eta") if kind == "dynamic" else SPATIAL[kind]
    lines += [f"    {p}: {CELL}" for p in parameters]
    lines += [f"    {key}:" for key in TAIL]
    if kind != "sem":
        for run in ("short", "long") if kind == "dynamic" else ("effects",):
            lines += [f"    {run}:", "      x1:", *(f"        {part}: {CELL}" for part in EFFECTS)]
    return "\n".join(lines) + "\n"
