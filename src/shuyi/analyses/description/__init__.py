"""Description of the panel: its variables, their statistics and their correlations."""
