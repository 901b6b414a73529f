"""From official figures to a clean panel: verification, cleaning, deflation, imputation, user tables."""
