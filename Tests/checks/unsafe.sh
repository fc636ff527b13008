#!/usr/bin/env bash
# unsafe.sh: pointers and unchecked claims stand only in the modules that wrap C, each with a reason.
set -euo pipefail
cd "$(dirname "$0")/../.."

claims='@unchecked Sendable|nonisolated\(unsafe\)|Unmanaged[.<]'
pointers='Unsafe(Mutable)?(Raw)?(Buffer)?Pointer|OpaquePointer|unsafeBitCast'
allowed='^Sources/(Threads|Systemd|Postgres|Kafka|YAML|HTTP)/|^Tests/'
bad=0

while IFS= read -r file; do
    if ! [[ $file =~ $allowed ]]; then
        echo "$file: an unsafe word outside of the modules that wrap C"
        bad=1
    elif grep -qE "$claims" "$file" && ! grep -q 'Safety:' "$file"; then
        echo "$file: an unchecked claim without a // Safety: comment"
        bad=1
    fi
done < <(grep -rlE "$claims|$pointers" --include='*.swift' Sources Tests || true)

if grep -rnE 'try!|\bfatalError\(' --include='*.swift' Sources; then
    echo "errors of the world are thrown, not trapped"
    bad=1
fi
exit $bad
