"""Words, tables, figures, maps and pages.

How results are shown, in every format. Knows no estimator and no analysis.
"""
