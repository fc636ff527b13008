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
echo
grep -E '^(broker|purge) of ' "$output" | sort || true
# What failed comes last, in few words: who looks at a long log looks at its end.
grep -E -A 3 '^✘ Test ".* recorded an issue' "$output" | grep -E '^(✘|↳)' | cut -c1-300 | head -20 || true
failures=$(grep -E '^✘ Test ".* failed after' "$output" | cut -c1-200 || true)
failed=$(printf '%s' "$failures" | grep -c '' || true)
[ -z "$failures" ] || printf '%s\n' "$failures"
if [ -z "$ran" ]; then
    echo "tests: none ran"
    exit 1
fi
echo "tests: ${ran}, ${failed} failed"
exit "$status"
