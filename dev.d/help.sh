# help.sh - ./dev help

command_help() {
    cat <<'END'
Usage: ./dev COMMAND

  demo              build, then compare policies on a recorded workload in the
                    nine-node laboratory: table and figure, in out/demo
  build [PRESET]    build into build/PRESET: release (the default), dev (ASan and
                    UBSan), clang, fuzz, coverage
  test              build with gcc and clang, run all suites in release and
                    under sanitizers, and every check of the tree
    --long            the same with longer fuzzing and more seeds, programs that
                      move in their long forms, and two kernels
    --release NAME    in a bare root of Debian NAME (bookworm, trixie) under
                      ${VENCEJO_ROOTS:-build/roots}: ./dev demo and ./dev test
                      of the commit that is checked out; needs root
  bench             how fast it is, beside SimGrid and SimPy in the same call
    --long            with a whole hour of thousand-clusters, not a minute of it,
                      and ten runs of 10 s of what is computed away
    --real            only what processes that really move cost
    --policies        only what a call of each policy and a gossip entry cost
  fuzz [SECONDS]    search each parser for crashes, so long each (60)
  format            let clang-format 14 format the sources
  lint              clang-tidy and shellcheck
  validate          compare results with theory and papers: docs/validation.md
  figures           draw the figures of the documents again: minutes
  which             compare policies for algorithms/README.md: a table and figures
  help              this text

Missing Debian packages (packages.txt) are installed first, with sudo when not
root. Nothing else outside this folder is changed.
END
}
