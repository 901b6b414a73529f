"""How the headline fares under other data, other transformations and without each unit."""
