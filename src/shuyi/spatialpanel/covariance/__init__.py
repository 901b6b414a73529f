"""Covariance matrices of the estimates: the kinds (`kinds`), and the information and scores behind them."""
