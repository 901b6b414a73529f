# Log t tests and clubs of the R package ConvergenceClubs (HACmethod "FQSB") on log gross state product.
# Argument: the folder R/ of the package's sources (the package is not in Debian).
source(file.path(dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE)[1])), "common.R"))
for (file in list.files(commandArgs(TRUE)[1], "\\.R$", full.names = TRUE)) source(file)

data(Produc, package = "plm")
wide <- reshape(
  data.frame(state = as.character(Produc$state), year = Produc$year, lgsp = log(Produc$gsp)),
  idvar = "state", timevar = "year", direction = "wide"
)
years <- 2:ncol(wide)
TRIM <- 1 / 3

test <- function(states) {
  H <- computeH(wide[wide$state %in% states, years])
  m <- estimateMod(H, TRIM, HACmethod = "FQSB")
  list(b = m$beta, std_error = m$st.dev, t = m$tvalue)
}

clubs <- findClubs(wide, dataCols = years, refCol = ncol(wide), time_trim = TRIM, cstar = 0, HACmethod = "FQSB")
found <- lapply(clubs, function(club) wide$state[club$id])
tested <- found[names(found) != "divergent"]
write_golden(
  "convergence_clubs_produc", "plm",
  list(overall = test(wide$state), clubs = lapply(unname(tested), function(s) c(list(states = s), test(s)))),
  c(
    "Functions of ConvergenceClubs (Sichera and Pizzuto) before version 2; the regression begins at period",
    "round(T / 3) + 1 = 7 of 17. The sieve is not raised where a club fails as a whole (club 3)."
  )
)
