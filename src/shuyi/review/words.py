"""What the report says, in English and Chinese."""

from __future__ import annotations

from typing import Literal

from shuyi.review.findings import Check, Verdict

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")

IDENTITY = {
    "A1": ("direct + indirect = total", "直接效应 + 间接效应 = 总效应"),
    "A2": (
        "effect from the coefficients: total = (b + th)/(1 - rho)",
        "由系数推算效应：总效应 = (b + th)/(1 - rho)",
    ),
    "A3": (
        "tr(S)/n is one number per column, at least 1 for rho > 0",
        "同一列的 tr(S)/n 只有一个值，rho > 0 时不小于 1",
    ),
    "A4": ("short and long run from the coefficients", "由系数推算短期与长期效应"),
    "A5": ("1'S1/n is one number per column", "同一列的 1'S1/n 只有一个值"),
    "B1": ("stars agree with the coefficient and its error", "星号与系数及其误差一致"),
    "B2": ("p-value agrees with the statistic", "p 值与统计量一致"),
    "B3": ("tests with equal degrees of freedom imply one", "自由度相同的检验应得出同一自由度"),
    "B4": ("label of the parentheses", "括号内数字的含义"),
    "B5": ("t has the sign of its coefficient", "t 值与系数同号"),
    "B6": ("errors are not negative, p lies in [0, 1]", "标准误非负，p 值在 [0, 1] 内"),
    "B7": ("stars of a test agree with its p-value", "检验的星号与 p 值一致"),
    "B8": ("printed t or p agrees with coefficient and error", "所列 t 值或 p 值与系数及标准误一致"),
    "C1": (
        "LM lag + robust LM error = LM error + robust LM lag",
        "LM 滞后 + 稳健 LM 误差 = LM 误差 + 稳健 LM 滞后",
    ),
    "C2": ("joint LM = LM + robust LM of the other", "联合 LM = 一项 LM + 另一项稳健 LM"),
    "C3": ("the statistic is not negative", "统计量非负"),
    "D1": ("LR = 2 (logL1 - logL0)", "LR = 2 (logL1 - logL0)"),
    "D2": ("observations from logL and sigma2", "由对数似然值与 sigma2 推算观测数"),
    "D3": ("observations from t(sigma2)", "由 sigma2 的 t 值推算观测数"),
    "D4": ("AIC implies a whole number of parameters", "AIC 应得出整数个参数"),
    "D5": ("BIC implies the observations", "BIC 应得出观测数"),
    "D6": ("degrees of freedom of the test", "检验的自由度"),
    "E1": ("N = n T", "N = n T"),
    "E2": ("0 <= R2 <= 1", "0 <= R2 <= 1"),
    "E3": ("N = n (T - 1) in a dynamic model", "动态模型 N = n (T - 1)"),
    "F1": ("one standard deviation of Moran's I over the years", "各年莫兰指数的标准差相同"),
    "F2": ("Moran's I and its quadrants", "莫兰指数与象限"),
    "F3": ("E[I] = -1/(n - 1)", "E[I] = -1/(n - 1)"),
    "F4": ("p of Moran's I", "莫兰指数的 p 值"),
    "G1": ("rho lies in (1/w_min, 1)", "rho 在 (1/w_min, 1) 内"),
    "G2": ("tau + rho + eta < 1", "tau + rho + eta < 1"),
    "H1": ("weights sum to one", "权重之和为 1"),
    "H2": ("weights sum to their dimension's", "指标权重之和等于维度权重"),
    "H3": ("weight = (1 - e) / sum (1 - e)", "权重 = (1 - e) / Σ(1 - e)"),
    "H4": ("weights and entropies in range", "权重与熵在取值范围内"),
    "M1": ("size beside the other columns", "与其他列相比的数量级"),
}
"""What each identity says."""

QUESTION = {
    "A1": (
        "Could one of the three have been mistyped, or come from another run?",
        "三个数中是否有一个录入有误，或来自另一次估计？",
    ),
    "A2": (
        "Is W row-standardised, and are coefficients and effects from the same run? "
        "Means of draws would lie nearer.",
        "W 是否行标准化？系数与效应是否来自同一次估计？模拟均值通常不会相差这么多。",
    ),
    "A3": (
        "Do effects and coefficients come from one column and one W?",
        "效应与系数是否来自同一列、同一个 W？",
    ),
    "A4": (
        "Could short- and long-run rows be exchanged, or from another run?",
        "短期与长期效应的行是否对调，或来自另一次估计？",
    ),
    "A5": (
        "Do effects and coefficients come from one column and one W?",
        "效应与系数是否来自同一列、同一个 W？",
    ),
    "B1": (
        "Could the star, the coefficient or its error be mistyped, or do the stars follow another rule?",
        "星号、系数或误差是否录入有误，或星号采用了其他标准？",
    ),
    "B2": ("Which of the two is meant: the statistic or the p-value?", "应以统计量还是 p 值为准？"),
    "B3": ("Which of the pairs of statistic and p-value is meant?", "哪一对统计量与 p 值是正确的？"),
    "B4": ("Could the note be that of another table?", "表注是否来自另一张表？"),
    "B5": ("Which sign is meant?", "应为哪个符号？"),
    "B6": ("Is the number in parentheses what the note says?", "括号内的数字是否如表注所述？"),
    "B7": ("Do the stars follow another rule?", "星号是否采用了其他标准？"),
    "B8": ("Could one of the three have been mistyped?", "三个数中是否有一个录入有误？"),
    "C1": (
        "The sum holds for any data and W: could one of the four have been mistyped, or robust and "
        "plain tests come from different residuals?",
        "该等式对任何数据和 W 都成立：四个数中是否有一个录入有误，或稳健与普通检验使用了不同的残差？",
    ),
    "C2": ("Could one of the three have been mistyped?", "三个数中是否有一个录入有误？"),
    "C3": ("Could the sign be a misprint?", "负号是否为误印？"),
    "D1": (
        "Do the two log-likelihoods belong to the models compared?",
        "两个对数似然值是否属于所比较的模型？",
    ),
    "D2": ("Which observations does the printed N count?", "所列 N 统计的是哪些观测？"),
    "D3": ("Which observations does the printed N count?", "所列 N 统计的是哪些观测？"),
    "D4": ("Are AIC and logL from the same model?", "AIC 与对数似然值是否来自同一模型？"),
    "D5": (
        "Are BIC, logL and N from the same model and sample?",
        "BIC、对数似然值与 N 是否来自同一模型和样本？",
    ),
    "D6": ("Which restrictions does the test count?", "检验计入了哪些约束？"),
    "E1": (
        "Is the panel unbalanced, or does N count another sample?",
        "面板是否非平衡，或 N 统计的是另一个样本？",
    ),
    "E2": ("What does the printed R2 measure?", "所列 R2 衡量的是什么？"),
    "E3": (
        "Does N count the first period, on which a dynamic model conditions?",
        "N 是否计入了动态模型作为条件的首期？",
    ),
    "F1": (
        "Could I or z of this year have been mistyped, or W or the sample have changed?",
        "该年的 I 或 z 是否录入有误，或 W 或样本有变化？",
    ),
    "F2": ("Could the number have been mistyped?", "该数是否录入有误？"),
    "F3": ("How many units does the statistic cover?", "该统计量包含多少个单元？"),
    "F4": ("Is p from permutations?", "p 值是否来自随机置换？"),
    "G1": ("Which W and which normalisation belong to this rho?", "该 rho 对应哪个 W、何种标准化？"),
    "G2": ("Is there a long run in this model?", "该模型是否存在长期均衡？"),
    "H1": ("Is an indicator missing from the table?", "表中是否缺少某个指标？"),
    "H2": (
        "Could a weight have been mistyped, or an indicator have moved?",
        "权重是否录入有误，或指标归属有变？",
    ),
    "H3": ("Could the weight or the entropy have been mistyped?", "权重或熵是否录入有误？"),
    "H4": ("Could the number have been mistyped?", "该数是否录入有误？"),
    "M1": ("Could the decimal point have moved?", "小数点是否移位？"),
}
"""What usually explains a failure, as a question to the authors."""

REASONS = {
    "not_row_standardised": (
        "W is not row-standardised, so the formula does not apply.",
        "W 未行标准化，公式不适用。",
    ),
    "rho_at_one": ("The denominator may be zero within rounding.", "在舍入范围内分母可能为零。"),
    "model_unknown": (
        "The table does not say the model, or leaves out the spatial lag of this regressor.",
        "表中未说明模型，或未列出该变量的空间滞后项。",
    ),
    "run_unknown": (
        "The table does not say whether these effects are of the short or the long run.",
        "表中未说明是短期还是长期效应。",
    ),
    "below_one": (
        "With rho > 0 the direct effect cannot be nearer to zero than b and th say.",
        "rho > 0 时直接效应不应小于 b 与 th 所示。",
    ),
    "other_distribution": ("The distribution of this test is not known here.", "此处不知该检验的分布。"),
    "negative_statistic": (
        "A Hausman statistic may be negative when the difference of the covariances is not positive "
        "definite; it has no p-value then.",
        "协方差之差非正定时豪斯曼统计量可能为负，此时没有 p 值。",
    ),
    "no_df": ("No whole number of degrees of freedom gives this pair.", "没有任何整数自由度能得出这一对数。"),
    "holds_se": ("The parentheses hold standard errors, as the stars tell.", "由星号看，括号内是标准误。"),
    "holds_t": ("The parentheses hold t statistics, as the stars tell.", "由星号看，括号内是 t 值。"),
    "holds_p": ("The parentheses hold p-values, as the stars tell.", "由星号看，括号内是 p 值。"),
    "no_label": ("The table does not say what the parentheses hold.", "表中未说明括号内数字的含义。"),
    "random_effects": ("With random effects logL has a further term.", "随机效应模型的对数似然值另有一项。"),
    "ill_conditioned": ("The figures imply no bounds.", "由这些数字得不出界限。"),
    "no_constant": (
        "It fits a log-likelihood without its constant, as some programs print.",
        "与略去常数项的对数似然值相符，部分软件如此输出。",
    ),
    "robust_errors": ("Robust errors follow another formula.", "稳健标准误的公式不同。"),
    "perhaps_robust": ("With robust errors the number would not be implied.", "若为稳健标准误则无法推算。"),
    "per_observation": (
        "It fits a criterion divided by the observations, as some programs print.",
        "与除以观测数的信息准则相符，部分软件如此输出。",
    ),
    "effective_observations": (
        "The effective observations of transformed data, n (T - 1) or fewer, would explain it.",
        "变换后数据的有效观测数（n (T - 1) 或更少）可以解释。",
    ),
    "no_number": ("The observations are not printed.", "表中未列观测数。"),
    "no_aic": ("Without AIC the number of parameters is not known.", "缺少 AIC，参数个数未知。"),
    "other_samples": ("The columns may rest on other samples.", "各列的样本可能不同。"),
    "first_period": (
        "Either the first period was imputed, or T counts the effective periods.",
        "或首期经插补，或 T 为有效期数。",
    ),
    "fewer_periods": (
        "Lags, differences or gaps may explain the difference.",
        "滞后、差分或缺失可以解释差异。",
    ),
    "adjusted": ("An adjusted or pseudo R2 may be negative.", "调整或伪 R2 可能为负。"),
    "printed_sd": (
        "The printed standard deviation is compared with that of I and z.",
        "所列标准差与由 I 和 z 推算者比较。",
    ),
    "quadrants": ("Counts of the quadrants.", "各象限的个数。"),
    "permuted": ("It is not normal; a permutation's p may differ.", "不服从正态；置换 p 值可以不同。"),
    "w_min_unknown": (
        "rho below -1 needs a W whose smallest eigenvalue allows it.",
        "rho 小于 -1 要求 W 的最小特征值允许。",
    ),
    "weights_by_name": ("The weights are known by name only.", "仅知权重的名称。"),
    "unstable": (
        "The process is not stable, so that a long run would not exist.",
        "过程不稳定，不存在长期均衡。",
    ),
    "dimensions": ("Weights of the dimensions.", "各维度的权重。"),
    "rows_left_out": (
        "Rows of controls that are not printed would explain it.",
        "未列出的控制变量可以解释。",
    ),
}
"""Sentences on single checks."""

VERDICT = {
    Verdict.HOLDS: "成立",
    Verdict.ROUNDING: "在舍入范围内成立",
    Verdict.SIMULATION: "在模拟误差范围内",
    Verdict.FAILS: "不成立",
    Verdict.CANNOT_TELL: "无法判断",
}
LABELS = {
    "understood": ("What was understood", "读取结果"),
    "checks": ("Checks", "核对"),
    "remarks": ("Remarks (no verdict)", "备注（不作判断）"),
    "identity": ("identity", "恒等式"),
    "place": ("place", "位置"),
    "verdict": ("verdict", "结论"),
    "printed": ("printed", "表中所列"),
    "implied": ("implied", "推算"),
    "question": ("question to the authors", "请作者说明"),
    "row": ("row", "行"),
    "column": ("column", "列"),
    "left_out": ("left out", "未读取"),
    "summary": ("Of {total} checks {fails} fail.", "共 {total} 项核对，{fails} 项不成立。"),
    "none": ("No identity could be checked.", "没有可核对的恒等式。"),
    "ask": (
        "A failure is a question to the authors, not a finding about them.",
        "不成立是向作者提出的问题，而非对作者的判断。",
    ),
    "parentheses": ("in parentheses", "括号内"),
    "stars": ("stars", "星号"),
    "title": ("Check of a printed table", "印刷表格核对"),
    "weights": ("weights", "权重矩阵"),
    "row_standardised": ("weights row-standardised", "权重行标准化"),
    "simulated": ("effects are means of draws", "效应为模拟均值"),
    "structure": ("effects of units and periods", "个体与时间效应"),
    "True": ("yes", "是"),
    "False": ("no", "否"),
    "model": ("model", "模型"),
    "not_said": ("not said", "未说明"),
    "convention": ("convention", "口径"),
    "covariance": ("covariance", "协方差"),
    "distance": ("largest distance, units of the last digit", "最大差距（末位单位）"),
    "reproduced": ("numbers reproduced", "再现的数字"),
    "reestimated": ("Which convention reproduces the printed numbers", "哪种口径能再现所列数字"),
    "not_reproduced": ("not reproduced", "未能再现"),
}
"""Words of the report itself."""


def say(key: str, language: Language) -> str:
    """Return a word or sentence of the report.

    Parameters
    ----------
    key : str
        Key of `LABELS`.
    language : {"en", "zh"}
        Language of the report.

    Returns
    -------
    str
    """
    return LABELS[key][LANGUAGES.index(language)]


def verdict_text(verdict: Verdict, language: Language) -> str:
    """Return a verdict in words.

    Parameters
    ----------
    verdict : Verdict
        The verdict.
    language : {"en", "zh"}
        Language of the report.

    Returns
    -------
    str
    """
    return verdict.value if language == "en" else VERDICT[verdict]


def identity_text(key: str, language: Language) -> str:
    """Return what an identity says.

    Parameters
    ----------
    key : str
        Key of `IDENTITY`.
    language : {"en", "zh"}
        Language of the report.

    Returns
    -------
    str
    """
    return IDENTITY[key][LANGUAGES.index(language)]


def sentence(check: Check, language: Language) -> str:
    """Return the plain sentence of a check: its reason, and for a failure the question to the authors.

    Parameters
    ----------
    check : Check
        The check.
    language : {"en", "zh"}
        Language of the report.

    Returns
    -------
    str
    """
    at = LANGUAGES.index(language)
    parts = [REASONS[check.reason][at]] if check.reason and check.verdict is not Verdict.HOLDS else []
    if check.verdict is Verdict.FAILS or check.identity == "M1":
        parts.append(QUESTION[check.identity][at])
    return (" " if language == "en" else "").join(parts)
