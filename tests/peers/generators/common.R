# Panels, weights and output shared by the generators. Panels are stacked by period, then unit, so that
# the weights of the whole panel are the Kronecker product of I_T and W.
options(warn = 1)
suppressPackageStartupMessages({
  library(jsonlite)
  library(plm)
  library(Matrix)
})

here <- dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE)[1]))
data_folder <- file.path(here, "..", "data")
golden_folder <- file.path(here, "..", "golden")

read_binary <- function(name, labels) {
  edges <- read.csv(file.path(data_folder, name), colClasses = "character")
  W <- matrix(0, length(labels), length(labels), dimnames = list(labels, labels))
  W[cbind(edges$unit, edges$neighbour)] <- 1
  W
}

row_standardise <- function(W) W / rowSums(W)

stack_by_period <- function(frame) {
  frame <- frame[order(frame$year, frame$unit), ]
  rownames(frame) <- NULL
  frame
}

cigar <- function() {
  data(Cigar, package = "plm", envir = environment())
  frame <- with(Cigar, data.frame(
    unit = sprintf("%02d", state), year = year,
    logc = log(sales), logp = log(price / cpi), logy = log(ndi / cpi)
  ))
  labels <- sort(unique(Cigar$state))
  W <- row_standardise(read_binary("contiguity_cigar.csv", as.character(labels)))
  panel(stack_by_period(frame), W, "logc", c("logp", "logy"))
}

produc <- function() {
  data(Produc, package = "plm", envir = environment())
  frame <- with(Produc, data.frame(
    unit = as.character(state), year = year, lgsp = log(gsp),
    lpcap = log(pcap), lpc = log(pc), lemp = log(emp), unemp = unemp
  ))
  W <- row_standardise(read_binary("contiguity_produc.csv", sort(unique(frame$unit))))
  panel(stack_by_period(frame), W, "lgsp", c("lpcap", "lpc", "lemp", "unemp"))
}

knn_panel <- function(normalisation = "row") {
  frame <- stack_by_period(read.csv(file.path(data_folder, "knn_panel.csv")))
  W <- read_binary("nearest_knn.csv", sort(unique(frame$unit)))
  W <- if (normalisation == "row") row_standardise(W) else scale_oddly(W)
  panel(frame, W, "y", c("x1", "x2"))
}

# Weights whose rows do not sum to one: row i of the binary matrix divided by 4 + i / n.
scale_oddly <- function(W) W / (4 + seq_len(nrow(W)) / nrow(W))

panel <- function(frame, W, outcome, regressors) {
  n <- nrow(W)
  frame$unit <- factor(frame$unit)
  frame$period <- factor(frame$year)
  lag <- function(x) as.vector(W %*% matrix(x, nrow = n))
  for (name in c(outcome, regressors)) frame[[paste0("W_", name)]] <- lag(frame[[name]])
  list(
    frame = frame, W = W, n = n, T = nrow(frame) / n, outcome = outcome, regressors = regressors,
    lag = lag, eigenvalues = eigen(W, only.values = TRUE)$values
  )
}

DUMMIES <- c(pooled = "", individual = " + unit", time = " + period", twoways = " + unit + period")

model_formula <- function(p, effects, regressors = p$regressors) {
  as.formula(paste(p$outcome, "~", paste(regressors, collapse = " + "), DUMMIES[[effects]]))
}

without_dummies <- function(x) x[!grepl("^(unit|period)|\\.(unit|period)", names(x))]

versions <- function(packages) {
  c(list(R = paste(R.version$major, R.version$minor, sep = ".")),
    sapply(packages, function(p) as.character(packageVersion(p)), simplify = FALSE))
}

# Puts every array without nested ones on one line.
short_arrays <- function(text) {
  found <- gregexpr("\\[[^\\[\\]{}]*\\]", text, perl = TRUE)
  regmatches(text, found) <- lapply(regmatches(text, found), function(m) gsub("\\s*\n\\s*", " ", m))
  text
}

write_golden <- function(name, packages, values, notes) {
  content <- list(versions = versions(packages), notes = notes, values = values)
  text <- toJSON(content, digits = I(15), auto_unbox = TRUE, pretty = 1, null = "null", na = "null")
  writeLines(short_arrays(text), file.path(golden_folder, paste0(name, ".json")))
}
