"""Distribution dynamics: transitions between classes, mobility of ranks, kernel densities, paths of LISA."""
