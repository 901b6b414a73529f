"""The spatial panel models of the specification sheet, their tests and their effects."""
