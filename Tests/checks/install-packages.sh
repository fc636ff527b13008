#!/usr/bin/env bash
# install-packages.sh: installs what Postbox is built from and tested with, on Debian 12 or newer.
# Does nothing, and needs neither network nor root, where everything is there already.
set -euo pipefail

packages=(
    pkg-config libpq-dev librdkafka-dev libyaml-dev libmicrohttpd-dev libcurl4-openssl-dev
    postgresql python3-psycopg2
)

if ! command -v dpkg-query >/dev/null; then
    echo "This is no Debian: please see to these packages yourself: ${packages[*]}"
    exit 0
fi

missing=()
for package in "${packages[@]}"; do
    status=$(dpkg-query -W -f='${Status}' "$package" 2>/dev/null || true)
    [ "$status" = "install ok installed" ] || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

as_root=(env DEBIAN_FRONTEND=noninteractive)
if [ "$(id -u)" -ne 0 ]; then
    as_root=(sudo "${as_root[@]}")
    echo "Installing packages needs root: sudo may ask for your password."
fi
echo "Installing: ${missing[*]}"
"${as_root[@]}" apt-get update -q
"${as_root[@]}" apt-get install -y -q --no-install-recommends "${missing[@]}"
