#!/bin/bash
# format.sh - every source is as clang-format 14 writes it. Another version
# would format differently, so the check is skipped where 14 is not.
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=/dev/null
source dev.d/format.sh
if ! is_formatter_14; then
    echo "skipped: needs clang-format 14, here is $(clang-format --version || true)"
    exit 0
fi
mapfile -t files < <(source_files)
failed=()
for file in "${files[@]}"; do
    clang-format --dry-run -Werror "$file" 2>/dev/null || failed+=("$file")
done
if ((${#failed[@]} > 0)); then
    printf 'not as clang-format writes it, run ./dev format: %s\n' "${failed[@]}" >&2
    exit 1
fi
echo "${#files[@]} sources are well formatted"
