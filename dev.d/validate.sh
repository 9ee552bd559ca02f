# validate.sh - ./dev validate: claims of theory and papers against this build.
# The exit code says whether every row holds; the table is written either way.

command_validate() {
    local status=0
    need build
    build release
    build/release/bin/validate >build/validation.md || status=$?
    cat build/validation.md
    ((status <= 1)) && mv build/validation.md docs/validation.md
    return "$status"
}
