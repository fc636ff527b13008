#!/usr/bin/env bash
# imports.sh: imports go down only, C stays in the modules that wrap it, Foundation stays out.
set -euo pipefail
cd "$(dirname "$0")/../.."

# Each module, and which of ours it may import.
declare -A may=(
    [Threads]="CLinux"
    [Postgres]="CLibpq CCells Threads"
    [Kafka]="CLibrdkafka CKafkaShim CCells Threads"
    [YAML]="CLibYAML"
    [HTTP]="CHTTPShim CMicrohttpd CCurl CLinux Threads"
    [Telemetry]=""
    [Systemd]="CLinux"
    [Messaging]=""
    [Outbox]="Messaging Postgres Kafka Telemetry Threads"
    [Inbox]="Messaging Postgres Kafka Telemetry Threads"
    [Settings]="Messaging YAML"
    [Control]="Messaging HTTP Telemetry Threads"
    [Daemon]="*"
    [postbox]="*"
)
ours=" ${!may[*]} CLinux CLibpq CCells CLibrdkafka CKafkaShim CLibYAML CHTTPShim CMicrohttpd CCurl "
bad=0

complain() { echo "$1"; bad=1; }

for module in "${!may[@]}"; do
    while IFS=: read -r file _ line; do
        [ -n "$file" ] || continue
        imported=$(sed -E 's/.*import +((struct|class|enum|func) +)?([A-Za-z]+).*/\3/' <<<"$line")
        [ "$imported" != Foundation ] || complain "$file: import FoundationEssentials instead"
        [[ $ours == *" $imported "* ]] || continue
        [[ " ${may[$module]} " == *" $imported "* ]] && continue
        [ "${may[$module]}" = "*" ] && [[ ! $imported =~ ^C[A-Z] ]] && continue
        complain "$file: $module does not import $imported"
    done < <(grep -rnE '^(@testable )?(public |package |internal )?import ' \
        --include='*.swift' "Sources/$module" || true)
done

for folder in Sources/*/; do
    module=$(basename "$folder")
    [[ $module =~ ^C[A-Z] ]] || [[ -v may[$module] ]] || complain "$module: not in this list"
done
exit $bad
