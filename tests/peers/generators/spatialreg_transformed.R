# The two conventions that work on transformed data, by spatialreg on data transformed beforehand.
#   demean_then_lag  y, X and WX demeaned, then Wy the lag of the demeaned y: n T observations
#   lee_yu           F_T' (individual, two-way) and F_n' (time, two-way) of y, Wy, X, WX with weights W* = F_n' W F_n
source(file.path(dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE)[1])), "common.R"))
suppressPackageStartupMessages({
  library(spdep)
  library(spatialreg)
})

SEARCH <- 1e-12

# mat2listw refuses negative weights, which W* has: the absolute values first, then the signs.
signed_listw <- function(W, T) {
  W[abs(W) < 1e-14] <- 0
  big <- as(kronecker(Diagonal(T), Matrix(W, sparse = TRUE)), "CsparseMatrix")
  lw <- suppressWarnings(mat2listw(abs(big), style = "B"))
  rows <- rep(seq_len(T) - 1, each = nrow(W)) * nrow(W)
  lw$weights <- lapply(seq_along(lw$neighbours), function(i) {
    W[(i - 1) %% nrow(W) + 1, lw$neighbours[[i]] - rows[i]]
  })
  stopifnot(max(abs(lag.listw(lw, seq_len(nrow(big))) - as.vector(big %*% seq_len(nrow(big))))) < 1e-8)
  lw
}

orthonormal <- function(m) {
  centring <- diag(m) - 1 / m
  eigen(centring, symmetric = TRUE)$vectors[, seq_len(m - 1), drop = FALSE]
}

demean <- function(x, effects) {
  if (effects %in% c("individual", "twoways")) x <- x - rowMeans(x)
  if (effects %in% c("time", "twoways")) x <- sweep(x, 2, colMeans(x))
  x
}

transformed <- function(p, columns, f) {
  as.data.frame(lapply(p$frame[columns], function(x) as.vector(f(matrix(x, nrow = p$n)))))
}

demeaned_case <- function(p, effects) {
  columns <- c(p$outcome, p$regressors, paste0("W_", p$regressors))
  list(d = transformed(p, columns, function(x) demean(x, effects)), W = p$W, T = p$T)
}

lee_yu_case <- function(p, effects) {
  Ft <- if (effects == "time") diag(p$T) else orthonormal(p$T)
  Fn <- if (effects == "individual") diag(p$n) else orthonormal(p$n)
  columns <- c(p$outcome, p$regressors, paste0("W_", p$regressors))
  list(d = transformed(p, columns, function(x) t(Fn) %*% x %*% Ft), W = t(Fn) %*% p$W %*% Fn, T = ncol(Ft))
}

summarise_fit <- function(fit) {
  V <- fit$resvar
  rename <- function(x) sub("^sigma$", "sigma2", sub("^lambda$", "lam", x))
  estimates <- c(coef(fit), sigma2 = fit$s2)
  list(params = as.list(setNames(estimates, rename(names(estimates)))),
       std_errors = as.list(setNames(sqrt(diag(V)), rename(rownames(V)))),
       cov_names = rename(rownames(V)), cov = unname(V), loglik = fit$LL[[1]])
}

fit_all <- function(case, p) {
  lw <- signed_listw(case$W, case$T)
  control <- list(tol.opt = SEARCH, pre_eig = rep(eigen(case$W, only.values = TRUE)$values, case$T))
  f <- function(x) as.formula(paste(p$outcome, "~", paste(x, collapse = " + "), "- 1"))
  X <- p$regressors
  WX <- c(X, paste0("W_", X))
  lag <- function(x) summarise_fit(lagsarlm(f(x), case$d, lw, tol.solve = 1e-30, control = control))
  err <- function(x) summarise_fit(errorsarlm(f(x), case$d, lw, tol.solve = 1e-30, control = control))
  c(list(observations = nrow(case$d)), list(sar = lag(X), sdm = lag(WX), sem = err(X), sdem = err(WX)))
}

values_of <- function(p) {
  fits <- function(make, effects) sapply(effects, function(e) fit_all(make(p, e), p), simplify = FALSE)
  list(demean_then_lag = fits(demeaned_case, c("individual", "time", "twoways")),
       lee_yu = fits(lee_yu_case, c("individual", "time", "twoways")))
}

NOTES <- c(
  "Keys: <convention>.<effects>.<model>; observations: rows of the transformed data, the divisor of sigma2.",
  "Standard errors: inverse information matrix of the transformed model."
)
for (name in c("cigar", "produc", "knn_panel")) {
  write_golden(paste0("spatialreg_transformed_", sub("_panel", "", name)), c("spatialreg", "spdep", "plm", "Matrix"),
               values_of(get(name)()), NOTES)
}
