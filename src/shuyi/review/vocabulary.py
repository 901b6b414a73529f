"""What rows, columns and notes of printed tables are called, in English and Chinese."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from itertools import pairwise

SUPERSCRIPTS = {"²": "2", "₂": "2"}
PART_NAMES = (
    ("direct", r"(?:average )?direct(?: effects?)?|直接(?:效应|影响)?|ade"),
    (
        "indirect",
        r"(?:average )?(?:indirect|spill-?overs?)(?: effects?)?|间接(?:效应|影响)?|(?:空间)?溢出效应|aie",
    ),
    ("total", r"(?:average )?total(?: effects?)?|总体?(?:效应|影响)?|ate"),
)
SINGLE_NAMES = (
    ("eta", r"η|eta|w ?[×*x.·_]? ?[\w.]+ ?[(_]?\{?t ?- ?1\}?\)?|w ?\*? ?l1?\.\w+|时空滞后.*"),
    (
        "tau",
        r"τ|tau|l1?\.\w+|lagged (?:dependent|outcome).*|lag of .*|滞后一期.*|时间滞后.*"
        r"|[\w.]+ ?[(_]?\{?t ?- ?1\}?\)?",
    ),
    (
        "rho",
        r"(?:spatial[: ]+)?(?:ρ|rho)(?: ?\((?:ρ|rho)\))?|w ?[×*x.·]? ?(?:y|dep\w*)"
        r"|spatial (?:auto)?(?:lag|regressive)(?: coefficient| parameter| term)?(?: of y)?"
        r"(?: ?\(?(?:ρ|rho)\)?)?"
        r"|(?:被解释变量)?空间(?:自回归|滞后)(?:系数|项)?(?: ?\(?(?:ρ|rho)\)?)?",
    ),
    (
        "lam",
        r"(?:spatial[: ]+)?(?:λ|lambda)(?: ?\((?:λ|lambda)\))?"
        r"|spatial (?:autocorrelation|error)(?: coefficient| parameter| term)?(?: ?\(?(?:λ|lambda)\)?)?"
        r"|空间误差(?:系数|项)?(?: ?\(?(?:λ|lambda)\)?)?",
    ),
    (
        "sigma2",
        r"(?:variance[: ]+)?(?:σ|sigma)[ _^{]*(?:2|e|sq)?[}]?(?:[_^]?\{?[2e]\}?)*"
        r"|sige|variance|(?:误差)?方差|residual variance",
    ),
    (
        "loglik",
        r"log[- _.]?lik(?:elihood)?\.?(?: value)?|log ?l|ll|lnl|对数似然(?:函数)?值?|log\(l\)|对数似然比",
    ),
    (
        "r2",
        r"(?:adj(?:usted|\.)?|within|overall|between|pseudo|corrected|组内|调整|修正|伪)?[- _]*"
        r"r[- _^{]*(?:2|squared?|sq)[}]?(?:[_ ,]+\w+)?(?: ?\(.*\))?|拟合优度|corr ?\^?2|squared correlation",
    ),
    ("aic", r"aic|akaike.*|赤池.*"),
    ("bic", r"bic|sbc|schwarz.*|bayesian information.*|贝叶斯信息.*"),
    ("n_effective", r"effective obs(?:ervations|\.)?|有效观测(?:数|值)?"),
    (
        "N",
        r"n ?obs\.?|obs(?:ervations?|\.)?|(?:no|number|num)\.? ?(?:of )?obs(?:ervations|\.)?|n"
        r"|样本(?:量|数|容量)"
        r"|观测(?:值|数|值数|量)|sample size",
    ),
    (
        "n",
        r"(?:number of |no\.? of )?(?:provinces|units|regions|groups|cities|states|counties|countries"
        r"|individuals|panels|ids?)(?: ?\(n\))?|n ?\(units\)|(?:省份|地区|城市|个体|省)数?(?: ?\(n\))?",
    ),
    ("T", r"(?:number of |no\.? of )?(?:years|periods)(?: ?\(t\))?|t|(?:年份|时期|期|年)数?(?: ?\(t\))?"),
)
EFFECT_LABEL = re.compile(
    r"(?:(?P<a>direct|indirect|total|spillover)(?: effects?)?(?: of)?[ _:.-]+(?P<x>.+)"
    r"|(?P<y>.+?)[ _:,.-]+(?:\(?)(?P<b>direct|indirect|total)(?: effects?)?\)?"
    r"|(?P<z>.+?)[ :,(-]*(?P<c>直接|间接|总)效应\)?)",
    re.IGNORECASE,
)
SPATIAL_LAG_IN_TIME = re.compile(r"L1?\.W[.*_A-Za-z]")
"""Label of a spatial lag in time as xsmle prints it; the capital tells it from a regressor."""
EFFECT_WORDS = {"直接": "direct", "间接": "indirect", "总": "total", "spillover": "indirect"}
LAG_PREFIX = re.compile(
    r"^(?:w[_ ]?\d? ?[×*xX·.:]|w_|w ?\* ?|wx[_:. ]|lag[_.: ]|spatial lag of |slag[_. ]|空间滞后 ?[:：])\s*"
    r"(?P<rest>.+)$",
    re.I,
)
GLUED_LAG = re.compile(r"^(?:W(?=[A-Z]))(?P<rest>[A-Z].*)$")
SECTIONS = (
    ("short_direct", r"sr[_ ]?direct|short[- ]?run direct.*|短期直接.*"),
    ("short_indirect", r"sr[_ ]?indirect|short[- ]?run (?:indirect|spillover).*|短期(?:间接|溢出).*"),
    ("short_total", r"sr[_ ]?total|short[- ]?run total.*|短期总.*"),
    ("long_direct", r"long[- ]?run direct.*|长期直接.*"),
    ("long_indirect", r"long[- ]?run (?:indirect|spillover).*|长期(?:间接|溢出).*"),
    ("long_total", r"long[- ]?run total.*|长期总.*"),
    ("lr_direct", r"lr[_ ]?direct"),
    ("lr_indirect", r"lr[_ ]?indirect"),
    ("lr_total", r"lr[_ ]?total"),
    ("direct", PART_NAMES[0][1]),
    ("indirect", PART_NAMES[1][1]),
    ("total", PART_NAMES[2][1]),
    (
        "theta",
        r"w ?[×*x.·]? ?x|wx|w ?\* ?x|spatial(?:ly)? lag(?:ged)?(?: of)?(?: the)?"
        r"(?: regressors?| x| variables?)|durbin|空间滞后(?:变量|解释变量)?|θ|theta",
    ),
    ("b", r"main|x|β|beta|coefficients?|主效应|系数|解释变量|regressors|estimates?"),
    ("singles", r"spatial|variance|statistics|model|模型|统计量|空间效应"),
)
MODEL_NAMES = (
    ("gns", r"\bgns\b"),
    ("sdem", r"\bsdem\b|spatial durbin error"),
    ("sdm", r"sdm\b|spatial durbin|空间杜宾"),
    ("sac", r"\bsac\b|\bsarar\b"),
    ("sem", r"\bsem\b|spatial error model|空间误差模型"),
    ("slx", r"\bslx\b"),
    ("sar", r"\bsar\b|\bslm\b|spatial (?:lag|autoregressive) model|空间(?:滞后|自回归)模型"),
    ("ols", r"\bols\b|\bfe\b|fe-ols|least squares|最小二乘"),
)
STATISTIC_NAMES = (
    (
        "p",
        r"p|p ?> ?\|?[tz]\|?|p[- ]?(?:value|val\.?)|prob\.?(?: ?> ?chi-?2)?|sig\.?|伴随概率|p ?值"
        r"|概率(?: ?p)?",
    ),
    ("df", r"d\.?f\.?|degrees of freedom|自由度"),
    (
        "statistic",
        r"statistics?|stat\.?|value|test (?:value|statistic)|χ2|chi-?2|chi-squared"
        r"|统计量|检验值|统计值|lm|数值",
    ),
    ("distribution", r"distribution|分布"),
    (
        "detectable",
        r"(?:(?:smallest|minimum) )?detectable(?: effects?)?|mde|(?:最小)?可检出(?:值|效应)?",
    ),
    ("I", r"(?:global )?moran'?s? ?'?s? ?i?|i|莫兰(?:指数)?i?|全局莫兰指数|moran指数"),
    ("z", r"z|z[- ]?(?:value|score|statistic|stat\.?)?|z ?\(i\)|z ?值|z ?得分"),
    ("sd", r"s\.?d\.?(?: ?\(i\))?|std\.? ?(?:dev\.?|error)?|standard deviation|标准差"),
    ("expected", r"e ?\(i\)|e\[i\]|expected.*|期望(?:值)?"),
    ("weight", r"weights?|权重(?:值)?|entropy weights?|熵权"),
    ("entropy", r"entropy|information entropy|e_?j|信息熵(?:值)?|熵(?:值)?"),
    ("coefficient", r"coef(?:ficient)?s?\.?|estimates?|b|系数|估计值"),
    (
        "se",
        r"s\.?e\.?|std\.? ?err(?:ors?|\.)?|standard errors?|robust (?:s\.?e\.?|std\.? ?err\.?)|标准误(?:差)?",
    ),
    ("t", r"t|t[- ]?(?:value|stat\.?|statistics?|ratio)|t ?值|t ?统计量"),
)
BESIDE_NOTES = (
    ("se", r"standard errors?|std\.? ?err|s\.e\.|标准误"),
    ("z", r"\bz[- ]?(?:statistics?|values?|stats?|scores?|ratios?)\b|z ?值|z ?统计量"),
    ("t", r"\bt[- ]?(?:statistics?|values?|stats?|ratios?)\b|t ?值|t ?统计量"),
    ("p", r"\bp[- ]?values?\b|p ?值"),
)
STAR_NOTE = re.compile(r"(\*{1,4})[^\d*]{0,40}?(?<![\d])(0?\.\d+|\d{1,2}(?:\.\d+)?\s*%)")
IN_PARENTHESES = re.compile(r"parenthes|bracket|括号", re.I)
LONGEST_NOTES = 20_000
"""Characters of notes that are looked at."""


@dataclass(frozen=True, slots=True)
class Row:
    """What the label of a row means.

    Parameters
    ----------
    kind : str
        ``"b"``, ``"theta"``, a name of `SINGLE_NAMES`, or an effect such as ``"direct"`` or ``"long_total"``.
    name : str
        The regressor, where there is one.
    """

    kind: str
    name: str = ""


def normal(text: str) -> str:
    """Return a label in lower case with plain characters and single blanks.

    Parameters
    ----------
    text : str
        As printed.

    Returns
    -------
    str
    """
    plain = "".join(SUPERSCRIPTS.get(c, c) for c in text)
    plain = unicodedata.normalize("NFKC", plain).replace("−", "-").replace("’", "'")
    return re.sub(r"\s+", " ", plain).strip(" :：*").casefold()


def match(text: str, names: tuple[tuple[str, str], ...]) -> str:
    """Return the key whose pattern spells a whole label, or an empty string.

    Parameters
    ----------
    text : str
        The label.
    names : tuple of (key, pattern)
        Tried in turn.

    Returns
    -------
    str
    """
    label = normal(text)
    return next((key for key, pattern in names if re.fullmatch(pattern, label)), "")


def part_of(text: str) -> str:
    """Return ``direct``, ``indirect`` or ``total`` if a label names an effect, else an empty string.

    Parameters
    ----------
    text : str
        The label.

    Returns
    -------
    str
    """
    return match(text, PART_NAMES)


def section_of(text: str) -> str:
    """Return which part of a table a heading opens, or an empty string.

    Parameters
    ----------
    text : str
        The heading.

    Returns
    -------
    str
    """
    label = re.sub(r"^(?:panel )?[a-z]?[.:)] ", "", normal(text))
    return match(label, SECTIONS)


def statistic_of(text: str) -> str:
    """Return which statistic a heading names, or an empty string.

    Parameters
    ----------
    text : str
        The heading.

    Returns
    -------
    str
    """
    return match(re.sub(r"\s*[(（]\d+[)）]$", "", text), STATISTIC_NAMES)


def model_named(text: str) -> str:
    """Return the model that a heading names, or an empty string.

    Parameters
    ----------
    text : str
        The heading.

    Returns
    -------
    str
    """
    label = normal(text)
    return next((key for key, pattern in MODEL_NAMES if re.search(pattern, label)), "")


def row_of(label: str, section: str = "") -> Row:
    """Return what a row of estimates is.

    Parameters
    ----------
    label : str
        Its label.
    section : str
        Key of `SECTIONS` that it stands under.

    Returns
    -------
    Row
    """
    if SPATIAL_LAG_IN_TIME.match(label.strip()):
        return Row("eta")
    single = match(label, SINGLE_NAMES)
    if section and single not in ("", "tau", "eta") and (len(label.strip()) > 1 or label.strip() == "N"):
        return Row(single)
    if section.endswith(("direct", "indirect", "total")):
        return Row(section, label.strip())
    if section == "theta":
        lagged = LAG_PREFIX.match(label.strip())
        return Row("theta", (lagged.group("rest") if lagged else label).strip())
    if single:
        return Row(single)
    if section_of(label).endswith(("direct", "indirect", "total")):
        return Row(section_of(label))
    effect = EFFECT_LABEL.fullmatch(label.strip())
    if effect:
        word = (effect["a"] or effect["b"] or effect["c"]).lower()
        return Row(EFFECT_WORDS.get(word, word), (effect["x"] or effect["y"] or effect["z"]).strip())
    lagged = LAG_PREFIX.match(label.strip()) or GLUED_LAG.match(label.strip())
    if lagged:
        return Row("theta", lagged.group("rest").strip(" )）"))
    return Row("b", label.strip())


def beside_of(notes: str) -> str:
    """Return what the notes say that parentheses hold, or an empty string where they do not say.

    Parameters
    ----------
    notes : str
        Notes of a table.

    Returns
    -------
    str
    """
    sentences = [s for s in re.split(r"[.;。；\n]\s", notes[:LONGEST_NOTES]) if IN_PARENTHESES.search(s)]
    for sentence in sentences:
        found = [
            (m.start(), key) for key, pattern in BESIDE_NOTES if (m := re.search(pattern, sentence, re.I))
        ]
        if found:
            return min(found)[1]
    return ""


def star_levels(notes: str) -> tuple[float, ...]:
    """Return the levels of one, two, three stars that the notes state; empty where they do not.

    Parameters
    ----------
    notes : str
        Such as ``* p < 0.1, ** p < 0.05, *** p < 0.01`` or ``***、**、* 分别表示1%、5%、10%``.

    Returns
    -------
    tuple[float, ...]
    """
    plain = unicodedata.normalize("NFKC", notes[:LONGEST_NOTES]).replace("−", "-")
    found: dict[int, float] = {}
    for stars, level in STAR_NOTE.findall(plain):
        found.setdefault(len(stars), _level(level))
    if len(found) < 2 or not _falling(found):
        found = _listed_levels(plain)
    if not found or not _falling(found):
        return ()
    return (
        tuple(found[i] for i in range(1, len(found) + 1))
        if set(found) == set(range(1, len(found) + 1))
        else ()
    )


def _listed_levels(plain: str) -> dict[int, float]:
    run = re.search(
        r"((?:\*{1,3}[^\d*]{1,5}){1,2}\*{1,3})([^*.;。；]{0,60}?(?:\d+(?:\.\d+)?\s*%?[^\d*]{1,6}){1,3}\d+(?:\.\d+)?\s*%?)",
        plain,
    )
    if run is None:
        return {}
    stars = [len(s) for s in re.findall(r"\*+", run.group(1))]
    levels = [_level(x) for x in re.findall(r"0?\.\d+|\d+(?:\.\d+)?\s*%?", run.group(2))][: len(stars)]
    return dict(zip(stars, levels, strict=False)) if len(stars) == len(levels) else {}


def _level(text: str) -> float:
    value = float(text.strip(" %"))
    return value / 100 if "%" in text or value >= 1 else value


def _falling(found: dict[int, float]) -> bool:
    levels = [found[k] for k in sorted(found)]
    return all(a > b for a, b in pairwise(levels)) and all(0 < x < 1 for x in levels)


def kind_of_test(name: str) -> str:
    """Return what a test tests, or an empty string.

    Parameters
    ----------
    name : str
        As printed, such as ``LR SDM/SAR``, ``Robust LM-lag`` or ``Wald spatial error``.

    Returns
    -------
    str
        ``lm_lag``, ``rlm_error``, ``lm_joint``, ``lr_sdm_sar``, ``wald_sdm_sem``, ``hausman``, ``fe_unit``,
        ``fe_period``, ``fe_both`` and the like.
    """
    label = normal(name)
    head = re.split(r",? ?given|给定|已有|[(（](?:已含|不含)", label)[0]
    if "hausman" in label or "豪斯曼" in label:
        return "hausman"
    if "score" in label or "得分" in label:
        return "score"
    if "mundlak" in label:
        return "mundlak"
    if re.search(r"\br?[- ]?lm|lagrange|拉格朗日|sarma", label, re.A):
        return _lm_kind(label)
    statistic = (
        "wald"
        if re.search("wald|沃尔德", label, re.A)
        else "lr"
        if re.search(r"\blr|likelihood|似然", label, re.A)
        else ""
    )
    fixed = _fixed_effects_kind(head, label)
    if fixed and (statistic == "lr" or re.search(r"\bfe\b|effects|效应", label, re.A)):
        return fixed
    return _simplification_kind(statistic, label) if statistic else ""


def _lm_kind(label: str) -> str:
    robust = bool(re.search(r"robust|\br-?_?lm|稳健", label, re.A))
    lag = bool(re.search(r"lag(?!range)|滞后|sar\b|ρ", label, re.A))
    error = bool(re.search(r"err|误差|sem\b", label, re.A))
    if (lag and error) or "sarma" in label or "joint" in label:
        return "lm_joint" if not robust else ""
    prefix = "rlm" if robust else "lm"
    return f"{prefix}_lag" if lag else f"{prefix}_error" if error else ""


def _fixed_effects_kind(head: str, label: str) -> str:
    unit = bool(
        re.search(
            r"\bind(?:ividual)?\b|province effects|spatial (?:fixed )?effects|unit|entity"
            r"|省份(?:固定)?效应|个体|地区固定",
            head,
        )
    )
    period = bool(re.search(r"\btime\b|year(?: fixed)? effects|period|时间|年份", head, re.A))
    both = bool(
        re.search(r"\bboth\b|two-?way|province and year|双向|双固定|省份和年份|省份与年份", head, re.A)
    )
    if re.search(r"\bboth\b.*\b(?:ind|time)\b|\b(?:ind|time)\b.*\bboth\b", label, re.A):
        return "fe_period" if "ind" in label else "fe_unit"
    if both or (unit and period):
        return "fe_both"
    return "fe_unit" if unit else "fe_period" if period else ""


def _simplification_kind(statistic: str, label: str) -> str:
    error = bool(re.search(r"\bsem\b|sem(?=[^a-z]|$)|error|误差", label, re.A))
    lag = bool(re.search(r"\bsar\b|\bslm\b|sar(?=[^a-z]|$)|spatial[- ]lag|\blag\b|滞后|自回归", label, re.A))
    slx = "slx" in label
    target = "slx" if slx else "sem" if error and not lag else "sar" if lag and not error else ""
    return f"{statistic}_sdm_{target}" if target else ""


TESTS = re.compile(
    r"\blm\b|lm[-_ ]|lagrange|hausman|\blr\b|lr[-_ ]|likelihood[- ]ratio|wald|sarma|score"
    r"|拉格朗日|豪斯曼|似然比|沃尔德|得分"
    r"|pesaran|wooldridge|cross-section",
    re.IGNORECASE | re.ASCII,
)
CHI2 = re.compile(
    r"\bl[mr]\b|rlm|l[mr][-_ ]|lagrange|hausman|likelihood|wald|sarma|chi|χ|score|mundlak"
    r"|拉格朗日|豪斯曼|似然|沃尔德|得分",
    re.I | re.A,
)
"""Names of tests that are chi-squared under the null hypothesis unless the table says otherwise."""
NOT_CHI2 = re.compile(r"\bf\b|f[-_ ]?(?:test|stat)|f\s*\(|breusch|\bt\b", re.I)


def distribution_of(name: str, stated: str = "") -> str:
    """Return the distribution of a test: as stated, else by its name.

    Parameters
    ----------
    name : str
        Name of the test.
    stated : str
        Content of a column ``Distribution``, where there is one.

    Returns
    -------
    str
        ``"chi2"``, ``"normal"`` or empty.
    """
    if stated:
        label = normal(stated)
        if re.search(r"χ|chi", label, re.A):
            return "chi2"
        return "normal" if re.search(r"^n ?\(|normal|正态", label) else ""
    return "chi2" if CHI2.search(name) and not NOT_CHI2.search(name) else ""
