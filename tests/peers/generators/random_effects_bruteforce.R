# Random effects by maximum likelihood from the definition: the density of the nT-variate normal vector y
# with its dense covariance matrix, on the first ten years of the cigarette panel.
#   sar, sdm           y_t = rho W y_t + Z_t b + mu + e_t
#   sem, sdem          y_t = Z_t b + mu + u_t,   u_t = lam W u_t + e_t        (mu outside the filter)
#   sem_kkp, sdem_kkp  y_t = Z_t b + u_t,        u_t = lam W u_t + mu + e_t   (mu inside the filter)
source(file.path(dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE)[1])), "common.R"))

YEARS <- 63:72

first_years <- function() {
  p <- cigar()
  for (x in p$regressors) p$frame[[paste0("mean_", x)]] <- NA
  p$frame <- droplevels(p$frame[p$frame$year %in% YEARS, ])
  for (x in p$regressors) p$frame[[paste0("mean_", x)]] <- ave(p$frame[[x]], p$frame$unit)
  p$T <- length(YEARS)
  p
}

# Mean regressors and covariance of y given the spatial parameter and the variances of e and mu.
moments <- function(p, Z, kind, spatial, s2, s2_mu) {
  nT <- p$n * p$T
  filter <- solve(diag(p$n) - spatial * p$W)
  inverse <- kronecker(diag(p$T), filter)
  individual <- kronecker(matrix(1, p$T, p$T), diag(p$n))
  switch(kind,
    lag = list(Z = inverse %*% Z, V = inverse %*% (s2_mu * individual + s2 * diag(nT)) %*% t(inverse)),
    error = list(Z = Z, V = s2_mu * individual + s2 * tcrossprod(inverse)),
    kkp = list(Z = Z, V = inverse %*% (s2_mu * individual + s2 * diag(nT)) %*% t(inverse))
  )
}

normal_loglik <- function(e, L) {
  -length(e) / 2 * log(2 * pi) - sum(log(diag(L))) - sum(forwardsolve(L, e)^2) / 2
}

full_loglik <- function(p, y, Z, kind, par) {
  k <- ncol(Z)
  m <- moments(p, Z, kind, par[k + 1], par[k + 2], par[k + 3])
  normal_loglik(y - m$Z %*% par[1:k], t(chol(m$V)))
}

# Concentrated over b and sigma2; ratio = s2_mu / s2.
concentrated <- function(p, y, Z, kind, spatial, ratio) {
  m <- moments(p, Z, kind, spatial, 1, ratio)
  L <- t(chol(m$V))
  fit <- lm.fit(forwardsolve(L, m$Z), forwardsolve(L, y))
  s2 <- mean(fit$residuals^2)
  list(b = fit$coefficients, s2 = s2,
       loglik = -length(y) / 2 * (log(2 * pi * s2) + 1) - sum(log(diag(L))))
}

steps <- function(x, h, i, j, f) {
  at <- function(a, b) { z <- x; z[i] <- z[i] + a * h[i]; z[j] <- z[j] + b * h[j]; f(z) }
  if (i == j) return((at(1, 0) - 2 * f(x) + at(-1, 0)) / h[i]^2)
  (at(1, 1) - at(1, -1) - at(-1, 1) + at(-1, -1)) / (4 * h[i] * h[j])
}

hessian_at <- function(f, x, h) {
  once <- function(h) {
    H <- matrix(0, length(x), length(x))
    for (i in seq_along(x)) for (j in 1:i) H[i, j] <- H[j, i] <- steps(x, h, i, j, f)
    H
  }
  (4 * once(h / 2) - once(h)) / 3
}

gradient_at <- function(f, x, h) {
  sapply(seq_along(x), function(i) {
    at <- function(a) { z <- x; z[i] <- z[i] + a * h[i]; f(z) }
    (8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * h[i])
  })
}

# Newton steps with fourth-order differences from the optimum of nlminb, until the step is below 1e-10.
polish <- function(f, x) {
  h <- c(2e-3, 2e-3)
  H <- hessian_at(f, x, 10 * h)
  for (i in 1:20) {
    step <- solve(H, gradient_at(f, x, h))
    x <- x - step
    if (max(abs(step)) < 1e-10) return(x)
  }
  stop("no convergence: last step ", max(abs(step)))
}

maximise <- function(p, regressors, kind) {
  y <- p$frame[[p$outcome]]
  Z <- cbind("(Intercept)" = 1, as.matrix(p$frame[regressors]))
  f <- function(x) concentrated(p, y, Z, kind, x[1], exp(x[2]))$loglik
  start <- nlminb(c(0.2, log(5)), function(x) -f(x), lower = c(-0.95, -5), upper = c(0.95, 8))
  x <- polish(f, start$par)
  best <- concentrated(p, y, Z, kind, x[1], exp(x[2]))
  par <- c(best$b, x[1], best$s2, exp(x[2]) * best$s2)
  names(par) <- c(colnames(Z), if (kind == "lag") "rho" else "lam", "sigma2", "sigma2_mu")
  list(par = par, loglik = best$loglik, errors = hessian_errors(p, y, Z, kind, par), y = y, Z = Z)
}

# Steps of a tenth and a twentieth of each standard error (first guessed, then with the guess's result).
hessian_errors <- function(p, y, Z, kind, par) {
  f <- function(x) full_loglik(p, y, Z, kind, x)
  h <- 1e-3 * pmax(abs(par), 1e-4)
  for (i in 1:2) h <- 0.1 * sqrt(diag(solve(-hessian_at(f, par, h))))
  setNames(h / 0.1, names(par))
}

# l = -(nT/2) ln(2 pi s2) + T ln|I - rho W| + (n/2) ln phi^2 - e.'e. / (2 s2), quasi-demeaned by 1 - phi.
closed_form_lag <- function(p, fit) {
  par <- fit$par
  k <- ncol(fit$Z)
  s2 <- par[["sigma2"]]
  phi <- sqrt(s2 / (p$T * par[["sigma2_mu"]] + s2))
  e <- fit$y - par[["rho"]] * p$lag(fit$y) - fit$Z %*% par[1:k]
  e <- matrix(e, nrow = p$n)
  e <- e - (1 - phi) * rowMeans(e)
  -p$n * p$T / 2 * log(2 * pi * s2) + p$T * log(det(diag(p$n) - par[["rho"]] * p$W)) +
    p$n / 2 * log(phi^2) - sum(e^2) / (2 * s2)
}

X <- c("logp", "logy")
WX <- c(X, "W_logp", "W_logy")
cases <- list(
  sar = list(X, "lag"), sdm = list(WX, "lag"), sar_mundlak = list(c(X, "mean_logp", "mean_logy"), "lag"),
  sem = list(X, "error"), sdem = list(WX, "error"), sem_kkp = list(X, "kkp"), sdem_kkp = list(WX, "kkp")
)

p <- first_years()
values <- lapply(cases, function(case) {
  fit <- maximise(p, case[[1]], case[[2]])
  if (case[[2]] == "lag") stopifnot(abs(closed_form_lag(p, fit) - fit$loglik) < 1e-8)
  list(params = as.list(fit$par), std_errors_hessian = as.list(fit$errors), loglik = fit$loglik)
})
write_golden("random_effects_cigar", c("plm", "Matrix"), list(years = range(YEARS), fits = values), c(
  "Maximum of the dense nT-variate normal likelihood; Newton steps below 1e-10 in (spatial, ln ratio).",
  "std_errors_hessian: inverse negative Hessian over (b, spatial, sigma2, sigma2_mu) by Richardson differences.",
  "sar and sdm also satisfy the closed form with quasi-demeaning to 1e-8 (asserted).",
  "sem, sdem: mu outside the spatial filter; *_kkp: mu inside (Kapoor, Kelejian and Prucha 2007)."
))
