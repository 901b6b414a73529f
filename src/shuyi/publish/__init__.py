"""Words, tables, figures, maps and pages: how results are shown, in every format. Knows no estimator and no analysis."""
