"""One correct set of figures in many layouts, and files made of them."""

import io
import zipfile

SDM_TEX = r"""
{
\def\sym#1{\ifmmode^{#1}\else\(^{#1}\)\fi}
\begin{tabular}{l*{2}{c}}
\hline\hline
                    &\multicolumn{1}{c}{(1)}&\multicolumn{1}{c}{(2)}\\
                    &\multicolumn{1}{c}{SDM}&\multicolumn{1}{c}{SAR}\\
\hline
Main                &                     &                     \\
dig                 &       0.121\sym{**} &       0.131\sym{***}\\
                    &      (2.47)         &      (2.79)         \\
[1em]
urban               &       0.937\sym{***}&       0.910\sym{***}\\
                    &      (5.45)         &      (6.11)         \\
\hline
Wx                  &                     &                     \\
dig                 &      -0.049         &                     \\
                    &     (-0.49)         &                     \\
[1em]
urban               &       0.074         &                     \\
                    &      (0.21)         &                     \\
\hline
Spatial             &                     &                     \\
rho                 &      -0.090         &      -0.047         \\
                    &     (-0.93)         &     (-0.51)         \\
\hline
Variance            &                     &                     \\
sigma2\_e           &     0.00024\sym{***}&     0.00026\sym{***}\\
                    &     (11.81)         &     (11.81)         \\
\hline
LR\_Direct          &                     &                     \\
dig                 &       0.122\sym{**} &       0.132\sym{***}\\
                    &      (2.49)         &      (2.80)         \\
\hline
LR\_Indirect        &                     &                     \\
dig                 &      -0.056         &      -0.006         \\
                    &     (-0.56)         &     (-0.46)         \\
\hline
LR\_Total           &                     &                     \\
dig                 &       0.066         &       0.126\sym{***}\\
                    &      (0.67)         &      (2.74)         \\
\hline
\(N\)               &         279         &         279         \\
\(R^{2}\)           &       0.266         &       0.216         \\
Log lik.            &       766.1         &       756.6         \\
\hline\hline
\multicolumn{3}{l}{\footnotesize \textit{t} statistics in parentheses}\\
\multicolumn{3}{l}{\footnotesize \sym{*} \(p<0.10\), \sym{**} \(p<0.05\), \sym{***} \(p<0.01\)}\\
\end{tabular}
}
"""

OUTREG2 = r"""
\documentclass[]{article}
\begin{document}
\begin{tabular}{lcccccc} \hline
 & (1) & (2) & (3) & (4) & (5) & (6) \\
VARIABLES & Main & Wx & Spatial & Variance & LR\_Direct & LR\_Total \\ \hline
 &  &  & & & & \\
dig & 0.121** & -0.049 & & & 0.122** & 0.066 \\
 & (0.049) & (0.100) & & & (0.049) & (0.099)\\
rho &  &  & -0.090 & & & \\
 & & & (0.097) & & & \\
sigma2\_e & & & & 0.00024*** & & \\
 & & & & (0.00002) & & \\
 & & & & & & \\
Observations & 279 & 279 & 279 & 279 & 279 & 279\\
 R-squared & 0.266 & 0.266 & 0.266 & 0.266 & 0.266 & 0.266 \\
Number of id & 31 & 31 & 31 & 31 & 31 & 31 \\ \hline
\multicolumn{7}{c}{ Standard errors in parentheses} \\
\multicolumn{7}{c}{ *** p$<$0.01, ** p$<$0.05, * p$<$0.1} \\
\end{tabular}
\end{document}
"""

MODELSUMMARY = r"""
\begin{table}
\centering
\begin{talltblr}[         %% tabularray outer open
caption={Spatial Durbin and lag models},
note{}={+ p $<$ 0.1, * p $<$ 0.05, ** p $<$ 0.01, *** p $<$ 0.001},
]                     %% tabularray outer close
{                     %% tabularray inner open
colspec={Q[]Q[]Q[]},
hline{8}={1-3}{solid, black, 0.05em},
}                     %% tabularray inner close
\toprule
& SDM & SAR \\ \midrule
dig & \num{0.121}* & \num{0.131}** \\
& (\num{0.049}) & (\num{0.047}) \\
W\_dig & \num{-0.049} & \\
& (\num{0.100}) & \\
rho & \num{-0.090} & \num{-0.047} \\
& (\num{0.097}) & (\num{0.092}) \\
Num.Obs. & \num{279} & \num{279} \\
R2 & \num{0.266} & \num{0.216} \\
AIC & \num{-1290.9} & \num{-1286.1} \\
Log.Lik. & \num{657.450} & \num{650.060} \\
\bottomrule
\end{talltblr}
\end{table}
"""

OWN = r"""
\begin{table}[htbp]
\caption{Main estimates}
\begin{threeparttable}
\begin{tabular}{@{}lr<{\hspace*{1.12em}}r}
\toprule
 & SAR & \makecell{SDM\\clustered} \\
\midrule
\multicolumn{3}{@{}l}{\emph{Coefficients}} \\
Digital index & 0.131\rlap{$^{***}$} & 0.121 \\
 & (0.047\rlap{)} & (0.124\rlap{)} \\
W $\times$ Digital index &  & $-$0.049 \\
 &  & (0.245\rlap{)} \\
Spatial lag ($\rho$) & $-$0.047 & $-$0.090 \\
 & (0.092\rlap{)} & (0.212\rlap{)} \\
\midrule
\multicolumn{3}{@{}l}{\emph{Model}} \\
Effects & Two-way & Two-way \\
$\sigma$\textsuperscript{2} & 0.000\rlap{26} & 0.000\rlap{24} \\
Log-likelihood & 650.06 & 657.45 \\
AIC & $-$1,286.12 & $-$1,290.90 \\
Provinces (n) & 31 & 31 \\
Years (T) & 9 & 9 \\
Observations & 279 & 279 \\
Effective observations & 240 & 240 \\
\bottomrule
\end{tabular}
\begin{tablenotes}\footnotesize
\item[]Notes: Standard errors in parentheses. $^{*}$ p \textless{} 0.1, $^{**}$ p \textless{} 0.05, $^{***}$ p
\textless{} 0.01. Weights: Contiguity, row-standardised.
\end{tablenotes}
\end{threeparttable}
\end{table}
"""

STARGAZER = """<html><head><script>alert(1)</script></head><body>
<table style="text-align:center"><caption><strong>Results</strong></caption>
<tr><td colspan="3" style="border-bottom: 1px solid black"></td></tr>
<tr><td></td><td colspan="2"><em>Dependent variable:</em></td></tr>
<tr><td></td><td colspan="2" style="border-bottom: 1px solid black"></td></tr>
<tr><td></td><td colspan="2">lnco2</td></tr>
<tr><td></td><td>(1)</td><td>(2)</td></tr>
<tr><td>dig</td><td>0.121<sup>**</sup></td><td>0.131<sup>***</sup></td></tr>
<tr><td></td><td>(0.049)</td><td>(0.047)</td></tr>
<tr><td></td><td></td><td></td></tr>
<tr><td>W × lnco2</td><td>-0.090</td><td>-0.047</td></tr>
<tr><td></td><td>(0.097)</td><td>(0.092)</td></tr>
<tr><td>Observations</td><td>279</td><td>279</td></tr>
<tr><td>R<sup>2</sup></td><td>0.27</td><td>0.22</td></tr>
<tr><td>Log Likelihood</td><td>657.45</td><td>650.06</td></tr>
<tr><td><em>Note:</em></td>
<td colspan="2"><sup>*</sup>p&lt;0.1; <sup>**</sup>p&lt;0.05; <sup>***</sup>p&lt;0.01</td></tr>
</table></body></html>"""

LM_HTML = """<p>Table 3 LM tests</p><table><tr><th></th><th>W1</th><th>W2</th></tr>
<tr><td>LM-Error</td><td>1209.143***<br>(0.000)</td><td>1802.531***<br>(0.000)</td></tr>
<tr><td>Robust LM-Error</td><td>184.168***<br>(0.000)</td><td>187.933***<br>(0.000)</td></tr>
<tr><td>LM-Lag</td><td>1139.405***<br>(0.000)</td><td>2039.402***<br>(0.000)</td></tr>
<tr><td>Robust LM-Lag</td><td>114.429***<br>(0.000)</td><td>424.804***<br>(0.000)</td></tr>
</table><p>p values in parentheses</p>"""

LM_MARKDOWN = """
| Test | Livser | | Infser | |
|---|---|---|---|---|
| | Statistic | P-value | Statistic | P-value |
| LM-error | 73.719 | 0.000 | 3.192 | 0.074 |
| Robust LM-error | 42.759 | 0.000 | 12.259 | 0.000 |
| LM-lag | 50.559 | 0.000 | 7.438 | 0.023 |
| Robust LM-lag | 19.599 | 0.000 | 9.141 | 0.002 |
| LR test (SDM vs SAR) | 53.84 | 0.0047 | 24.74 | 0.0161 |
| LR test (SDM vs SEM) | 66.21 | 0.0042 | 23.67 | 0.0225 |
| Hausman | 22.48 | 0.000 | 19.797 | 0.071 |
"""

CHINESE_EFFECTS = """表5  空间溢出效应分解
变量\t直接效应\tt值\t间接效应\tt值\t总效应\tt值
DIF\t0.044***\t3.24\t0.028\t1.35\t0.071***\t3.85
URE\t0.001\t1.32\t0.001**\t1.99\t0.002***\t3.05
CPE\t0.001\t0.55\t0.012**\t2.16\t-0.011*\t-1.69
注：***、**、*分别表示在1%、5%和10%的水平上显著。
"""

ALIGNED = """
Table 4. Spatial Durbin model

                    (1) SDM        (2) SAR
dig                 0.121**        0.131***
                    (0.049)        (0.047)
urban               0.937***       0.910***
                    (0.172)        (0.149)
W*dig               -0.049
                    (0.100)
W*urban             0.074
                    (0.355)
rho                 -0.090         -0.047
                    (0.097)        (0.092)
sigma2              0.00024        0.00026
Log-likelihood      766.1          756.6
Observations        279            279
Standard errors in parentheses. * p<0.1, ** p<0.05, *** p<0.01
"""

SINGLE_BLANKS = """
Table 4. Spatial lag model
Variables (1) (2)
dig 0.121** 0.131***
(0.049) (0.047)
urban 0.937*** 0.910***
(0.172) (0.149)
rho -0.090 -0.047
(0.097) (0.092)
N 279 279
R2 0.266 0.216
Note: standard errors in parentheses.
"""

SIDE_BY_SIDE = """Variable\tCoef.\tStd. Err.\tz\tP>|z|
dig\t0.121\t0.049\t2.47\t0.014
urban\t0.937\t0.172\t5.45\t0.000
W*dig\t-0.049\t0.100\t-0.49\t0.624
rho\t-0.090\t0.097\t-0.93\t0.353
"""

SPANS = """\tSDM\t\t\tSAR\t\t
\tDirect\tIndirect\tTotal\tDirect\tIndirect\tTotal
dig\t0.122**\t-0.056\t0.066\t0.132***\t-0.006\t0.126***
\t(0.049)\t(0.100)\t(0.099)\t(0.047)\t(0.013)\t(0.046)
urban\t0.937***\t-0.010\t0.927***\t0.910***\t-0.041\t0.869***
\t(0.162)\t(0.332)\t(0.302)\t(0.140)\t(0.082)\t(0.143)
"""

MORAN_CHINESE = """表2 全局莫兰指数
年份\tMoran's I\tZ值\tP值
2011\t0.197\t2.42\t0.016
2012\t0.199\t2.46\t0.014
2013\t0.236\t2.79\t0.005
2014\t0.244\t2.93\t0.003
2015\t0.257\t3.04\t0.002
"""

MORAN_ACROSS = """,2011,2012,2013,2014,2015
Moran's I,0.197,0.199,0.236,0.244,0.257
Z,2.42,2.46,2.79,2.93,3.04
P,0.016,0.014,0.005,0.003,0.002
"""

INDEX = """Dimension,Indicator,Entropy,Weight
Base (0.45),Broadband,0.90,0.25
,Phones,0.92,0.20
Use (0.55),Payments,0.86,0.35
,Cloud,0.92,0.20
"""

CONSOLE = """
SDM with spatial fixed-effects                       Number of obs =       279

Group variable: id                                Number of groups =        31
Time variable: year                                   Panel length =         9

R-sq:    within  = 0.2660

Log-likelihood =   766.1000
------------------------------------------------------------------------------
        lny | Coefficient  Std. err.      z    P>|z|     [95% conf. interval]
-------------+----------------------------------------------------------------
Main         |
         dig |    .121      .049     2.47   0.014     .02496     .21704
       urban |    .937      .172     5.45   0.000     .59988    1.27412
-------------+----------------------------------------------------------------
Wx           |
         dig |   -.049      .100    -0.49   0.624    -.245       .147
       urban |    .074      .355     0.21   0.835    -.6218      .7698
-------------+----------------------------------------------------------------
Spatial      |
         rho |   -.090      .097    -0.93   0.353    -.28012     .10012
-------------+----------------------------------------------------------------
Variance     |
    sigma2_e |   .00024   .0000203  11.81   0.000     .0002      .00028
-------------+----------------------------------------------------------------
LR_Direct    |
         dig |    .122      .049     2.49   0.013     .026       .218
-------------+----------------------------------------------------------------
LR_Indirect  |
         dig |   -.056      .100    -0.56   0.575    -.252       .140
-------------+----------------------------------------------------------------
LR_Total     |
         dig |    .066      .099     0.67   0.505    -.128       .260
------------------------------------------------------------------------------
"""

CHINESE_MODELS = """表4 空间杜宾模型回归结果
变量\t(1)邻接矩阵\t(2)经济距离矩阵
dig\t0.121**\t0.131***
\t(2.47)\t(2.79)
urban\t0.937***\t0.910***
\t(5.45)\t(6.11)
W×dig\t-0.049\t0.012
\t(-0.49)\t(0.11)
W×urban\t0.074\t-0.035
\t(0.21)\t(-0.10)
ρ\t0.290***\t0.247**
\t(2.93)\t(2.51)
σ2\t0.00024***\t0.00026***
\t(11.81)\t(11.81)
控制变量\t是\t是
个体固定\t是\t是
时间固定\t是\t是
N\t279\t279
R2\t0.266\t0.216
Log-likelihood\t766.1\t756.6
LM-lag\t12.345***\t10.221***
\t[0.000]\t[0.001]
Robust LM-lag\t3.455*\t2.111
\t[0.063]\t[0.146]
LM-error\t10.234***\t9.876***
\t[0.001]\t[0.002]
Robust LM-error\t1.344\t1.766
\t[0.246]\t[0.184]
Hausman\t25.31***\t24.10***
注：括号内为t值，方括号内为p值；*、**、***分别表示在10%、5%、1%水平上显著。
"""

MORAN_FULL = """年份\tI\tE(I)\tsd(I)\tz\tp-value*
2011\t0.197\t-0.034\t0.095\t2.43\t0.008
2012\t0.199\t-0.034\t0.095\t2.45\t0.007
2013\t0.236\t-0.034\t0.095\t2.84\t0.002
"""

MORAN_BY_WEIGHTS = """年份\t邻接矩阵\t\t经济距离矩阵\t
\tMoran's I\tZ值\tMoran's I\tZ值
2011\t0.197**\t2.42\t0.376***\t3.47
2012\t0.199**\t2.46\t0.377***\t3.49
2013\t0.236***\t2.79\t0.377***\t3.49
"""

MORAN_IN_CELLS = """Year\tMoran's I (W1)\tMoran's I (W2)
2011\t0.197** (2.42)\t0.376*** (3.47)
2012\t0.199** (2.46)\t0.377*** (3.49)
2013\t0.236*** (2.79)\t0.377*** (3.49)
2014\t0.244*** (2.93)\t0.378*** (3.50)
Note: z statistics in parentheses.
"""

PANELS = """Variable,SDM,SAR
Panel A: Direct effects,,
dig,0.122**,0.132***
,(0.049),(0.047)
Panel B: Indirect effects,,
dig,-0.056,-0.006
,(0.100),(0.013)
Panel C: Total effects,,
dig,0.066,0.126***
,(0.099),(0.046)
"""

DYNAMIC = """\tSDM
L.lnco2\t0.512***
\t(0.041)
L.Wlnco2\t-0.101
\t(0.080)
dig\t0.121**
\t(0.049)
Wx\t
dig\t-0.049
\t(0.100)
Spatial\t
rho\t0.190**
\t(0.097)
Variance\t
sigma2_e\t0.0012***
\t(0.0001)
SR_Direct\t
dig\t0.120**
\t(0.049)
SR_Indirect\t
dig\t-0.031
\t(0.110)
SR_Total\t
dig\t0.089
\t(0.121)
LR_Direct\t
dig\t0.250**
\t(0.110)
LR_Indirect\t
dig\t-0.070
\t(0.290)
LR_Total\t
dig\t0.180
\t(0.300)
N\t248
Standard errors in parentheses
"""

COLUMNS_OF_T = """\tSAR\t\tSDM\t
变量\t系数\tt值\t系数\tt值
dig\t0.131***\t2.79\t0.121**\t2.47
urban\t0.910***\t6.11\t0.937***\t5.45
W*dig\t—\t—\t-0.049\t-0.49
rho\t-0.047\t-0.51\t-0.090\t-0.93
R2\t0.216\t\t0.266\t
LogL\t650.06\t\t657.45\t
"""

RUNS = """\tDirect effect\tIndirect effect\tTotal effect
Short-term\t\t\t
dig\t0.120**\t-0.031\t0.089
\t(2.45)\t(-0.28)\t(0.74)
Long-term\t\t\t
dig\t0.250**\t-0.070\t0.180
\t(2.27)\t(-0.24)\t(0.60)
"""

ROWS = [
    ["", "(1)", "(2)"],
    ["Variables", "SDM", "SAR"],
    ["dig", "0.121**", "0.131***"],
    ["", "(0.049)", "(0.047)"],
    ["W×dig", "-0.049", ""],
    ["", "(0.100)", ""],
    ["ρ", "-0.090", "-0.047"],
    ["", "(0.097)", "(0.092)"],
    ["Direct effect", "0.122**", "0.132***"],
    ["", "(0.049)", "(0.047)"],
    ["Indirect effect", "-0.056", "-0.006"],
    ["", "(0.100)", "(0.013)"],
    ["Total effect", "0.066", "0.126***"],
    ["", "(0.099)", "(0.046)"],
    ["N", "279", "279"],
    ["Log-likelihood", "657.45", "650.06"],
]
NOTE = "Notes: standard errors in parentheses; * p<0.1, ** p<0.05, *** p<0.01. W is row-standardised."


def word_file(rows=ROWS, title="Table 3. Estimates", note=NOTE):
    """Return a .docx with one table; a merged cell heads its columns."""
    from docx import Document

    document = Document()
    document.add_paragraph(title)
    table = document.add_table(rows=len(rows) + 1, cols=len(rows[0]))
    for i, row in enumerate(rows, start=1):
        for j, text in enumerate(row):
            table.cell(i, j).text = text
    merged = table.cell(0, 1).merge(table.cell(0, len(rows[0]) - 1))
    merged.text = "Dependent variable: lnCO2"
    document.add_paragraph(note)
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


def excel_file(rows=ROWS, note=NOTE):
    """Return an .xlsx whose coefficients are numbers with a format of three decimals."""
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    for i, row in enumerate([*rows, [note]], start=1):
        for j, text in enumerate(row, start=1):
            sheet.cell(i, j, text or None)
    sheet.cell(5, 2, -0.04912345).number_format = "0.000"
    sheet.cell(7, 2, -0.09).number_format = "0.000"
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def zip_of(members):
    """Return a zip archive of names and contents."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return target.getvalue()


def replaced(archive, name, change):
    """Return a zip archive with one member changed."""
    with zipfile.ZipFile(io.BytesIO(archive)) as old:
        members = {m: old.read(m) for m in old.namelist()}
    return zip_of(members | {name: change(members[name])})
