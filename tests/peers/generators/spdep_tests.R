# Lagrange multiplier tests and Moran's I of spdep on the whole panel, by year and on cross-sections.
source(file.path(dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE)[1])), "common.R"))
suppressPackageStartupMessages({
  library(spdep)
  library(spatialreg)
})

LM <- c("LMlag", "LMerr", "RLMlag", "RLMerr", "SARMA")

kronecker_listw <- function(p) {
  mat2listw(as(kronecker(Diagonal(p$T), Matrix(p$W, sparse = TRUE)), "CsparseMatrix"), style = "W")
}

htest <- function(test) list(statistic = test$statistic[[1]], df = unname(test$parameter), p_value = test$p.value[[1]])

lm_tests <- function(p, effects, regressors) {
  fit <- lm(model_formula(p, effects, regressors), p$frame)
  lapply(unclass(lm.LMtests(fit, kronecker_listw(p), test = LM)), htest)
}

moran_of <- function(test) {
  e <- test$estimate
  list(I = e[[1]], expectation = e[[2]], variance = e[[3]], z = test$statistic[[1]], p_value = test$p.value[[1]])
}

panel_values <- function(p) {
  durbin <- c(p$regressors, paste0("W_", p$regressors))
  lw <- mat2listw(p$W, style = "W")
  years <- split(p$frame, p$frame$year)
  pooled <- lm(model_formula(p, "pooled"), p$frame)
  list(
    lm = sapply(names(DUMMIES), function(e) list(ols = lm_tests(p, e, p$regressors), slx = lm_tests(p, e, durbin)), simplify = FALSE),
    moran_of_pooled_residuals = moran_of(lm.morantest(pooled, kronecker_listw(p), alternative = "two.sided")),
    moran_by_year = lapply(years, function(d) list(
      randomisation = moran_of(moran.test(d[[p$outcome]], lw, alternative = "two.sided")),
      normality = moran_of(moran.test(d[[p$outcome]], lw, randomisation = FALSE, alternative = "two.sided")),
      regression_residuals = moran_of(lm.morantest(lm(model_formula(p, "pooled"), d), lw, alternative = "two.sided"))
    ))
  )
}

local_values <- function(x, lw, conditional) {
  m <- localmoran(x, lw, conditional = conditional)
  list(I = unname(m[, 1]), expectation = unname(m[, 2]), variance = unname(m[, 3]), z = unname(m[, 4]),
       p_value = unname(m[, 5]), quadrant = as.character(attr(m, "quadr")$mean))
}

income_values <- function() {
  income <- read.csv(file.path(data_folder, "income.csv"), row.names = "unit", check.names = FALSE)
  B <- read_binary("contiguity_produc.csv", rownames(income))
  rows <- mat2listw(row_standardise(B), style = "W")
  binary <- mat2listw(B, style = "B")
  lapply(lapply(income, as.numeric), function(x) list(
    moran = moran_of(moran.test(x, rows, alternative = "two.sided")),
    moran_normality = moran_of(moran.test(x, rows, randomisation = FALSE, alternative = "two.sided")),
    moran_binary = moran_of(moran.test(x, binary, alternative = "two.sided")),
    geary = moran_of(geary.test(x, rows, alternative = "two.sided")),
    getis_ord_g = moran_of(globalG.test(x, binary, alternative = "two.sided")),
    local_conditional = local_values(x, rows, TRUE), local_total = local_values(x, rows, FALSE),
    local_g = as.vector(localG(x, binary))
  ))
}

bivariate <- function() {
  income <- read.csv(file.path(data_folder, "income.csv"), row.names = "unit", check.names = FALSE)
  W <- row_standardise(read_binary("contiguity_produc.csv", rownames(income)))
  z <- scale(as.matrix(income)) * sqrt(nrow(income) / (nrow(income) - 1))
  list(x = "1929", y = "2009", I = drop(z[, 1] %*% W %*% z[, 3]) / sum(z[, 1]^2))
}

# A cross-section in which the tests on errors have their original use.
cross_section <- function(p, year) {
  d <- p$frame[p$frame$year == year, ]
  lw <- mat2listw(p$W, style = "W")
  f <- model_formula(p, "pooled")
  fit <- lm(f, d)
  sem <- errorsarlm(f, d, lw, control = list(tol.opt = 1e-12))
  list(lm = lapply(unclass(lm.LMtests(fit, lw, test = LM)), htest), spatial_hausman = htest(Hausman.test(sem)),
       lam = sem$lambda[[1]], loglik = sem$LL[[1]])
}

# Residual maker against spatial lag: spatial two-stage least squares on data demeaned by unit, where
# demeaning and lagging commute.
stsls_individual <- function(p) {
  d <- p$frame
  for (x in c(p$outcome, p$regressors)) d[[x]] <- d[[x]] - ave(d[[x]], d$unit)
  f <- as.formula(paste(p$outcome, "~", paste(p$regressors, collapse = " + "), "- 1"))
  lw <- kronecker_listw(p)
  fit <- stsls(f, d, lw)
  robust <- stsls(f, d, lw, robust = TRUE, HC = "HC0")
  errors <- function(model) setNames(as.list(sqrt(diag(model$var))), names(coef(model)))
  list(params = as.list(coef(fit)), std_errors = errors(fit), std_errors_hc0 = errors(robust), sse = fit$sse[[1]], df_residual = fit$df[[1]])
}

NOTES <- c(
  "lm.<effects>.<ols | slx>: lm.LMtests of least squares with dummies, weights I_T (x) W.",
  "moran: estimate, expectation, variance under randomisation unless the key says normality; two-sided p-values.",
  "local_conditional: Sokal (1998) conditional variance, local_total: total randomisation; mlvar = TRUE.",
  "stsls_individual: instruments W X and W^2 X on data demeaned by unit; rho is named Rho; sigma2 over n T - k."
)
PACKAGES <- c("spdep", "spatialreg", "plm")
for (name in c("cigar", "produc")) {
  p <- get(name)()
  values <- panel_values(p)
  values$cross_section <- cross_section(p, max(p$frame$year))
  values$stsls_individual <- stsls_individual(p)
  write_golden(paste0("spdep_", name), PACKAGES, values, NOTES)
}
write_golden("spdep_income", PACKAGES, list(years = income_values(), bivariate = bivariate()), NOTES)
