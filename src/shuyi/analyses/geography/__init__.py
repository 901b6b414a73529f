"""Geography in motion: mean centres, deviational ellipses and trend surfaces."""
