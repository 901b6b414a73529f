# Dynamic SDM, y_t = tau y_(t-1) + eta W y_(t-1) + rho W y_t + X b + WX th + effects + e, conditional on the first
# period: spatialreg's estimates and information matrices, bias corrections from sums of matrix powers.
#   exact        dummies
#   lee_yu       F_T' and F_n' of the data, weights W* = F_n' W F_n; Yu, de Jong and Lee (2008), Lee and Yu (2010)
#   lee_yu_bias  correction of exact by its expected score, then sigma2 T/(T - 1)
source(file.path(dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE)[1])), "common.R"))
suppressPackageStartupMessages({
  library(spdep)
  library(spatialreg)
})

SEARCH <- 1e-12
POWERS <- 4000

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
  eigen(diag(m) - 1 / m, symmetric = TRUE)$vectors[, seq_len(m - 1), drop = FALSE]
}

with_time_lags <- function(p) {
  shift <- function(x) c(rep(NA, p$n), x[seq_len(p$n * (p$T - 1))])
  p$frame$tau <- shift(p$frame[[p$outcome]])
  p$frame$eta <- shift(p$frame[[paste0("W_", p$outcome)]])
  p$frame <- droplevels(p$frame[-seq_len(p$n), ])
  p$T <- p$T - 1
  p
}

columns_of <- function(p) c("tau", "eta", p$regressors, paste0("W_", p$regressors))

estimate <- function(formula, d, W, T, wanted) {
  control <- list(tol.opt = SEARCH, pre_eig = rep(eigen(W, only.values = TRUE)$values, T))
  fit <- lagsarlm(formula, d, signed_listw(W, T), tol.solve = 1e-30, control = control)
  names <- c(wanted, "rho", "sigma")
  V <- fit$resvar[names, names]
  list(par = c(coef(fit), sigma = fit$s2)[names], V = V, loglik = fit$LL[[1]])
}

dummies_case <- function(p, effects) {
  estimate(model_formula(p, effects, columns_of(p)), p$frame, p$W, p$T, columns_of(p))
}

transformed_case <- function(p, effects) {
  Ft <- orthonormal(p$T)
  Fn <- if (effects == "individual") diag(p$n) else orthonormal(p$n)
  names <- c(p$outcome, columns_of(p))
  d <- as.data.frame(lapply(p$frame[names], function(x) as.vector(t(Fn) %*% matrix(x, nrow = p$n) %*% Ft)))
  W <- t(Fn) %*% p$W %*% Fn
  formula <- as.formula(paste(p$outcome, "~", paste(columns_of(p), collapse = " + "), "- 1"))
  c(estimate(formula, d, W, p$T - 1, columns_of(p)), list(W = W))
}

# D = sum over h of (S (tau I + eta W))^h S, term by term.
multiplier <- function(W, par) {
  S <- solve(diag(nrow(W)) - par[["rho"]] * W)
  A <- S %*% (par[["tau"]] * diag(nrow(W)) + par[["eta"]] * W)
  D <- term <- S
  for (h in seq_len(POWERS)) {
    term <- A %*% term
    D <- D + term
  }
  stopifnot(max(abs(term)) < 1e-12)
  list(D = D, G = W %*% S, S = S)
}

corrected <- function(fit, a) setNames(as.vector(fit$par + fit$V %*% a), names(fit$par))

trace <- function(M) sum(diag(M))

lee_yu <- function(fit) {
  m <- multiplier(fit$W, fit$par)
  drift <- fit$par[["tau"]] * diag(nrow(fit$W)) + fit$par[["eta"]] * fit$W
  a <- 0 * fit$par
  a["tau"] <- trace(m$D)
  a["eta"] <- trace(fit$W %*% m$D)
  a["rho"] <- trace(m$G %*% drift %*% m$D)
  corrected(fit, a)
}

lee_yu_bias <- function(p, fit, effects) {
  m <- multiplier(p$W, fit$par)
  J <- if (effects == "twoways") diag(p$n) - 1 / p$n else diag(p$n)
  drift <- fit$par[["tau"]] * diag(p$n) + fit$par[["eta"]] * p$W
  a <- 0 * fit$par
  a["tau"] <- trace(J %*% m$D)
  a["eta"] <- trace(J %*% p$W %*% m$D)
  a["rho"] <- trace(J %*% m$G %*% drift %*% m$D)
  if (effects == "twoways") {
    a["rho"] <- a["rho"] + p$T * sum(m$G) / p$n
    a["sigma"] <- p$T / (2 * fit$par[["sigma"]])
  }
  par <- corrected(fit, a)
  par["sigma"] <- par["sigma"] * p$T / (p$T - 1)
  par
}

report <- function(par, fit) {
  rename <- function(x) sub("^sigma$", "sigma2", x)
  list(params = as.list(setNames(par, rename(names(par)))),
       uncorrected = as.list(setNames(fit$par, rename(names(fit$par)))),
       std_errors_uncorrected = as.list(setNames(sqrt(diag(fit$V)), rename(names(fit$par)))),
       loglik_uncorrected = fit$loglik)
}

values_of <- function(p) {
  p <- with_time_lags(p)
  sapply(c("individual", "twoways"), function(effects) {
    direct <- dummies_case(p, effects)
    transformed <- transformed_case(p, effects)
    list(lee_yu = report(lee_yu(transformed), transformed),
         lee_yu_bias = report(lee_yu_bias(p, direct, effects), direct))
  }, simplify = FALSE)
}

direct_values_of <- function(p) {
  p <- with_time_lags(p)
  sapply(c("individual", "twoways"), function(effects) {
    direct <- dummies_case(p, effects)
    list(lee_yu_bias = report(lee_yu_bias(p, direct, effects), direct))
  }, simplify = FALSE)
}

write_golden("dynamic_models", c("spatialreg", "spdep", "plm", "Matrix"),
             list(cigar = values_of(cigar()), knn = values_of(knn_panel()), odd = direct_values_of(knn_panel("odd"))), c(
  "Keys: <panel>.<effects>.<correction>; uncorrected of lee_yu_bias: maximum likelihood with dummies.",
  "Corrections: estimate + inverse information (spatialreg's) times the traces of sums of 4,000 matrix powers.",
  "odd: rows of W do not sum to one."
))
