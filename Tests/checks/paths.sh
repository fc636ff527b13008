#!/usr/bin/env bash
# paths.sh: nothing in the repository depends on one machine's folders.
set -euo pipefail
cd "$(dirname "$0")/../.."

places='/(home|root|Users|work|mnt)/[a-z]'
if git grep -nIE "$places" -- . ':!LICENSE' ':!Tests/checks/paths.sh'; then
    echo "a path of one machine"
    exit 1
fi
