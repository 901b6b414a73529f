# Non-spatial panel estimators, covariances and tests of plm, and instrumental variables for the spatial lag.
source(file.path(dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE)[1])), "common.R"))

as_panel <- function(p) pdata.frame(p$frame, index = c("unit", "period"))

table_of <- function(fit, V = vcov(fit)) {
  list(params = as.list(coef(fit)), std_errors = as.list(sqrt(diag(V))))
}

htest <- function(test) {
  list(statistic = unname(test$statistic), df = unname(test$parameter), p_value = unname(test$p.value))
}

regression <- function(p, regressors) as.formula(paste(p$outcome, "~", paste(regressors, collapse = " + ")))

within_fit <- function(p, effects, regressors) {
  model <- if (effects == "pooled") "pooling" else "within"
  effect <- if (effects == "pooled") "individual" else effects
  plm(regression(p, regressors), as_panel(p), model = model, effect = effect)
}

clustered <- function(fit, cluster) {
  sapply(c("HC0", "HC1", "sss"), function(type) {
    as.list(sqrt(diag(vcovHC(fit, method = "arellano", type = type, cluster = cluster))))
  }, simplify = FALSE)
}

driscoll_kraay <- function(fit) {
  bandwidths <- setNames(0:4, paste0("lag", 0:4))
  lapply(bandwidths, function(l) as.list(sqrt(diag(vcovSCC(fit, type = "HC0", maxlag = l)))))
}

covariances <- function(fit) {
  c(table_of(fit), list(
    rss = deviance(fit), df_residual = df.residual(fit),
    cluster_unit = clustered(fit, "group"), cluster_period = clustered(fit, "time"),
    cluster_both = as.list(sqrt(diag(vcovDC(fit, type = "HC0")))),
    driscoll_kraay = driscoll_kraay(fit),
    white = as.list(sqrt(diag(vcovHC(fit, method = "white1", type = "HC0"))))
  ))
}

cross_section_dependence <- function(fit) {
  list(cd = htest(pcdtest(fit, test = "cd")), lm = htest(pcdtest(fit, test = "lm")),
       scaled_lm = htest(pcdtest(fit, test = "sclm")), mean_absolute_correlation = pcdtest(fit, test = "absrho")$statistic[[1]])
}

random_fit <- function(p, effect) plm(regression(p, p$regressors), as_panel(p), model = "random", effect = effect)

random_values <- function(p, effect) {
  fit <- random_fit(p, effect)
  v <- ercomp(fit)
  c(table_of(fit), list(variances = as.list(v$sigma2), theta = v$theta,
                        hausman = htest(phtest(within_fit(p, effect, p$regressors), fit))))
}

mundlak <- function(p) {
  frame <- p$frame
  for (x in p$regressors) frame[[paste0("mean_", x)]] <- ave(frame[[x]], frame$unit)
  fit <- plm(regression(p, c(p$regressors, paste0("mean_", p$regressors))),
             pdata.frame(frame, index = c("unit", "period")), model = "random")
  added <- paste0("mean_", p$regressors)
  b <- coef(fit)[added]
  c(table_of(fit), list(wald = drop(b %*% solve(vcov(fit)[added, added], b)), df = length(added)))
}

# Two-stage least squares of the spatial lag with instruments W X and W^2 X.
spatial_2sls <- function(p, effects) {
  for (x in p$regressors) p$frame[[paste0("W2_", x)]] <- p$lag(p$frame[[paste0("W_", x)]])
  right <- paste(c(paste0("W_", p$outcome), p$regressors), collapse = " + ")
  instruments <- paste(c(p$regressors, paste0("W_", p$regressors), paste0("W2_", p$regressors)), collapse = " + ")
  f <- as.formula(paste(p$outcome, "~", right, "|", instruments))
  fit <- plm(f, as_panel(p), model = if (effects == "pooled") "pooling" else "within",
             effect = if (effects == "pooled") "individual" else effects)
  c(table_of(fit), list(rss = sum(residuals(fit)^2), df_residual = df.residual(fit)))
}

# cipstest(lags = 0) of plm 2.6-2 silently runs one lag (it indexes the names 3:2), so that lag 0 is computed
# here by one regression per unit; the same function must give plm's own statistics at the other lags.
cadf_t <- function(x, i, type, lags) {
  T <- nrow(x)
  d <- diff(x)
  rows <- (lags + 1):(T - 1)
  one <- function(series, level) {
    lagged <- if (lags > 0) sapply(1:lags, function(l) series[rows - l]) else NULL
    cbind(lagged, level[rows])
  }
  Z <- cbind(one(d[, i], x[, i]), one(rowMeans(d), rowMeans(x)), rowMeans(d)[rows])
  deterministic <- switch(type, none = NULL, drift = cbind(rep(1, length(rows))), trend = cbind(1, rows))
  X <- cbind(Z, deterministic)
  coef(summary(lm(d[rows, i] ~ 0 + X)))[lags + 1, 3]
}

BOUNDS <- list(none = c(-6.12, 4.16), drift = c(-6.19, 2.61), trend = c(-6.42, 1.70))

cips_direct <- function(p, variable, type, lags, truncated) {
  x <- t(matrix(p$frame[[variable]], nrow = p$n))
  t_values <- sapply(seq_len(p$n), function(i) cadf_t(x, i, type, lags))
  if (truncated) t_values <- pmin(pmax(t_values, BOUNDS[[type]][1]), BOUNDS[[type]][2])
  mean(t_values)
}

unit_roots <- function(p) {
  cells <- expand.grid(type = c("none", "drift", "trend"), lags = 0:3, truncated = c(FALSE, TRUE), stringsAsFactors = FALSE)
  frame <- as_panel(p)
  one <- function(variable, type, lags, truncated) {
    statistic <- cips_direct(p, variable, type, lags, truncated)
    if (lags > 0) {
      test <- suppressWarnings(cipstest(frame[[variable]], type = type, lags = lags, truncated = truncated))
      stopifnot(abs(test$statistic - statistic) < 1e-8)
      statistic <- unname(test$statistic)
    }
    list(variable = variable, type = type, lags = lags, truncated = truncated, statistic = statistic)
  }
  variables <- c(p$outcome, p$regressors)
  unlist(lapply(variables, function(v) Map(one, v, cells$type, cells$lags, cells$truncated, USE.NAMES = FALSE)), recursive = FALSE)
}

cd_of_series <- function(p) {
  frame <- as_panel(p)
  sapply(c(p$outcome, p$regressors), function(v) pcdtest(frame[[v]], test = "cd")$statistic[[1]], simplify = FALSE)
}

fixed_effects_f <- function(p) {
  pooled <- within_fit(p, "pooled", p$regressors)
  sapply(c("individual", "time", "twoways"), function(e) {
    test <- pFtest(within_fit(p, e, p$regressors), pooled)
    list(statistic = unname(test$statistic), df = unname(test$parameter), p_value = unname(test$p.value))
  }, simplify = FALSE)
}

values_of <- function(p) {
  durbin <- c(p$regressors, paste0("W_", p$regressors))
  fits <- lapply(setNames(names(DUMMIES), names(DUMMIES)), function(e) list(
    ols = covariances(within_fit(p, e, p$regressors)), slx = covariances(within_fit(p, e, durbin)),
    iv = spatial_2sls(p, e),
    cd = list(ols = cross_section_dependence(within_fit(p, e, p$regressors)),
              slx = cross_section_dependence(within_fit(p, e, durbin)))
  ))
  list(
    column_sums = as.list(colSums(p$frame[c(p$outcome, p$regressors)])),
    fits = fits, random = list(individual = random_values(p, "individual"), twoways = random_values(p, "twoways")),
    mundlak = mundlak(p), cd_of_series = cd_of_series(p), fixed_effects_f = fixed_effects_f(p)
  )
}

NOTES <- c(
  "Keys: fits.<effects>.<ols | slx | iv | cd>; W_x is the spatial lag of x.",
  "cluster_*: Arellano (1987); HC0 without, HC1 with n T / (n T - k), sss with (n T - 1) / (n T - k) * G / (G - 1), k slopes.",
  "driscoll_kraay: Bartlett weights 1 - l / (L + 1), no small-sample factor. cluster_both: unit + period - white.",
  "random: Swamy and Arora (1972). cd: Pesaran (2004; 2015), residual means removed per unit where present.",
  "iv: within two-stage least squares, sigma2 with plm's degrees of freedom.",
  "cips: Pesaran (2007), the same lags in every unit; lags = 0 by unit-wise least squares, the others by cipstest."
)
cigar_values <- values_of(cigar())
cigar_values$cips <- unit_roots(cigar())
write_golden("plm_cigar", "plm", cigar_values, NOTES)
write_golden("plm_produc", "plm", values_of(produc()), NOTES)
