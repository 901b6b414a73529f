# Maximum likelihood with dummies: spatialreg on the Kronecker weights of the whole panel.
source(file.path(dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE)[1])), "common.R"))
suppressPackageStartupMessages({
  library(spdep)
  library(spatialreg)
})
options(warn = 1)

# Optimiser tolerances far below the packages' defaults; solve() never refuses on scale.
TOL <- 1e-30
SEARCH <- 1e-12
DRAWS <- 20000

kronecker_listw <- function(p, style = "W") {
  mat2listw(as(kronecker(Diagonal(p$T), Matrix(p$W, sparse = TRUE)), "CsparseMatrix"), style = style)
}

durbin_formula <- function(p) as.formula(paste("~", paste(p$regressors, collapse = " + ")))

fit_model <- function(p, lw, model, effects) {
  f <- model_formula(p, effects)
  d <- durbin_formula(p)
  eig <- rep(p$eigenvalues, p$T)
  one <- list(tol.opt = SEARCH, pre_eig = eig)
  two <- list(pre_eig1 = eig, pre_eig2 = eig, opt_control = list(rel.tol = 1e-13, x.tol = 1e-8, sing.tol = 1e-200))
  switch(model,
    sar = lagsarlm(f, p$frame, lw, tol.solve = TOL, control = one),
    sdm = lagsarlm(f, p$frame, lw, Durbin = d, tol.solve = TOL, control = one),
    sem = errorsarlm(f, p$frame, lw, tol.solve = TOL, control = one),
    sdem = errorsarlm(f, p$frame, lw, Durbin = d, tol.solve = TOL, control = one),
    sac = sacsarlm(f, p$frame, lw, tol.solve = TOL, control = two),
    gns = sacsarlm(f, p$frame, lw, Durbin = d, tol.solve = TOL, control = two)
  )
}

our_names <- function(x) sub("^sigma$", "sigma2", sub("^lambda$", "lam", sub("^lag\\.", "W_", x)))

summarise_fit <- function(fit) {
  V <- fit$resvar
  dimnames(V) <- list(our_names(rownames(V)), our_names(colnames(V)))
  keep <- names(without_dummies(diag(V)))
  b <- coef(fit)
  estimates <- c(b, sigma2 = fit$s2)
  names(estimates) <- our_names(names(estimates))
  list(
    params = as.list(without_dummies(estimates)),
    std_errors = as.list(sqrt(diag(V))[keep]),
    cov_names = keep, cov = unname(V[keep, keep]),
    loglik = fit$LL[[1]], residual_sum = sum(residuals(fit)^2)
  )
}

named_effects <- function(x, component, keep) setNames(as.list(x[[component]][keep]), attr(x, "bnames")[keep])

plug_in_effects <- function(fit, lw, p) {
  x <- impacts(fit, listw = lw)
  keep <- match(p$regressors, attr(x, "bnames"))
  sapply(c("direct", "indirect", "total"), function(k) named_effects(x, k, keep), simplify = FALSE)
}

simulated_effects <- function(fit, traces, p) {
  set.seed(1)
  x <- impacts(fit, tr = traces, R = DRAWS)
  sd_of <- function(component) {
    draws <- x$sres[[component]]
    as.list(apply(draws[, p$regressors, drop = FALSE], 2, sd))
  }
  c(list(draws = DRAWS), sapply(c("direct", "indirect", "total"), sd_of, simplify = FALSE))
}

with_effects <- function(fit, model, lw, traces, p) {
  values <- summarise_fit(fit)
  if (model %in% c("sar", "sdm")) {
    values$effects <- plug_in_effects(fit, lw, p)
    values$effects_std_errors <- simulated_effects(fit, traces, p)
  }
  values
}

slx <- function(p, effects) {
  fit <- lm(model_formula(p, effects, c(p$regressors, paste0("W_", p$regressors))), p$frame)
  s <- coef(summary(fit))
  rss <- deviance(fit)
  list(
    params = as.list(without_dummies(c(coef(fit), sigma2 = rss / nrow(p$frame)))),
    std_errors_unbiased = as.list(without_dummies(s[, 2])),
    df_residual = df.residual(fit), loglik = as.numeric(logLik(fit)), residual_sum = rss
  )
}

all_models <- function(p, models, effects) {
  lw <- kronecker_listw(p)
  traces <- trW(as(kronecker(Diagonal(p$T), Matrix(p$W, sparse = TRUE)), "CsparseMatrix"), m = 100)
  one <- function(model, e) with_effects(fit_model(p, lw, model, e), model, lw, traces, p)
  values <- sapply(effects, function(e) {
    fits <- sapply(models, function(m) one(m, e), simplify = FALSE)
    c(fits, list(slx = slx(p, e)))
  }, simplify = FALSE)
  likelihood_ratios <- lapply(values, function(v) list(
    sdm_against_sar = 2 * (v$sdm$loglik - v$sar$loglik), sdm_against_sem = 2 * (v$sdm$loglik - v$sem$loglik)
  ))
  list(fits = values, lr = likelihood_ratios)
}

NOTES <- c(
  "Maximum likelihood with dummies; weights I_T (x) W; log-determinant from all eigenvalues of W.",
  "Keys: fits.<effects>.<model>.params | std_errors | cov | loglik | effects | effects_std_errors.",
  "Standard errors: inverse information matrix, sigma2 = residual sum of squares / (n T).",
  "effects_std_errors: standard deviation of draws, trace powers up to 100: 20,000 draws."
)
EFFECTS <- names(DUMMIES)
PACKAGES <- c("spatialreg", "spdep", "plm", "Matrix")

weights_that_do_not_sum_to_one <- function() {
  p <- knn_panel("odd")
  lw <- kronecker_listw(p, style = "B")
  eig <- list(tol.opt = SEARCH, pre_eig = rep(p$eigenvalues, p$T))
  lag <- function(e, x) lagsarlm(model_formula(p, e, x), p$frame, lw, tol.solve = TOL, control = eig)
  err <- function(e, x) errorsarlm(model_formula(p, e, x), p$frame, lw, tol.solve = TOL, control = eig)
  X <- p$regressors
  WX <- c(X, paste0("W_", X))
  fits <- sapply(EFFECTS, function(e) list(
    sar = summarise_fit(lag(e, X)), sdm = summarise_fit(lag(e, WX)),
    sem = summarise_fit(err(e, X)), sdem = summarise_fit(err(e, WX))
  ), simplify = FALSE)
  list(fits = fits)
}

wanted <- commandArgs(TRUE)
runs <- list(
  knn = function() write_golden("spatialreg_knn", PACKAGES,
    all_models(knn_panel(), c("sar", "sdm", "sem", "sdem", "sac", "gns"), EFFECTS), NOTES),
  odd = function() write_golden("spatialreg_odd_weights", PACKAGES, weights_that_do_not_sum_to_one(),
    c(NOTES, "Row i of the binary k-nearest-neighbour matrix divided by 4 + i / n, i = 1..n.")),
  produc = function() write_golden("spatialreg_produc", PACKAGES,
    all_models(produc(), c("sar", "sdm", "sem", "sdem"), EFFECTS), NOTES),
  cigar = function() write_golden("spatialreg_cigar", PACKAGES,
    all_models(cigar(), c("sar", "sdm", "sem", "sdem", "sac", "gns"), EFFECTS), NOTES)
)
for (run in if (length(wanted)) wanted else names(runs)) runs[[run]]()
