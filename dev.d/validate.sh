# validate.sh - ./dev validate: claims of theory and papers against this build.
# The exit code says whether every row holds.

command_validate() {
    need build
    build release
    build/release/bin/validate --out docs/validation.md "$@"
}
