#!/usr/bin/env bash
# sizes.sh: no Swift or C file above 450 lines, no function above 60, no line of C above 100 columns
# (those of Swift are the formatter's).
set -euo pipefail
cd "$(dirname "$0")/../.."

mapfile -t files < <(git ls-files -co --exclude-standard '*.swift' '*.c' '*.h')

# A function begins at a line that holds "func " or "init(" (Swift) or starts in column 1 (C), and
# ends at the closing brace of the same indentation.
awk '
    FNR == 1 { inside = 0 }
    # Bytes that continue a character are no column.
    { text = $0; gsub(/[\200-\277]/, "", text) }
    FILENAME !~ /swift$/ && length(text) > 100 { complain("line of " length(text) " columns") }
    FNR == 451 { complain("file of more than 450 lines") }
    !inside && /\{$/ && (/(func |init\(|init\?\()/ || (FILENAME ~ /\.c$/ && /^[a-z].*\)/)) {
        inside = 1; start = FNR; match($0, /^ */); indent = RLENGTH; next
    }
    inside && /^ *\}/ {
        match($0, /^ */)
        if (RLENGTH == indent) {
            if (FNR - start - 1 > 60) complain("function of " FNR - start - 1 " lines ends here")
            inside = 0
        }
    }
    function complain(what) { print FILENAME ":" FNR ": " what; bad = 1 }
    END { exit bad }
' "${files[@]}"
