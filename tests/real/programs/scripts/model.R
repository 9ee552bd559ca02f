# A regression, a bootstrap, a sort. Rscript model.R ROUNDS
rounds <- as.integer(commandArgs(trailingOnly = TRUE)[1])
set.seed(11)
x <- matrix(rnorm(20000), ncol = 10)
y <- x %*% (1:10) + rnorm(2000)
for (round in seq_len(rounds)) {
    some <- sample(2000, replace = TRUE)
    fit <- lm(y[some] ~ x[some, ])
    cat(round, format(coef(fit)[2:4], digits = 8), median(sort(runif(200000))), "\n")
}
saveRDS(round(coef(fit), 6), "fit.rds")
