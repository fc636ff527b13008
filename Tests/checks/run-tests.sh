#!/usr/bin/env bash
# run-tests.sh [ARGUMENT…]: runs all tests (arguments go to swift test) and ends with their counts.
set -euo pipefail
cd "$(dirname "$0")/../.."

output=$(mktemp)
trap 'rm -f "$output"' EXIT
status=0
# Order: more at once than this, and tests wait for a processor instead of for a fact.
export SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=${SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH:-$((2 * $(nproc)))}
swift test --disable-xctest "$@" 2>&1 | tee "$output" || status=$?

ran=$(grep -oE 'Test run with [0-9]+ tests?( in [0-9]+ suites?)?' "$output" | tail -1 | cut -c15-)
failed=$(grep -cE '^✘ Test .* failed after' "$output" || true)
echo
grep -E '^✘ Test .* (recorded an issue|failed after)' "$output" || true
grep -E '^(broker|purge) of ' "$output" | sort || true
if [ -z "$ran" ]; then
    echo "tests: none ran"
    exit 1
fi
echo "tests: ${ran}, ${failed} failed"
exit "$status"
