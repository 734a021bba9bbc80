#!/bin/sh
# Runs a command beside a fake of its own, and ends with the command's exit status:
#
#     with-fake.sh COMMAND [ARGUMENT...]
#
# The command finds the fake's address in DISTINCT_MOCK_URL and a key in DISTINCT_API_KEY. Options of the fake are given
# as variables, such as DISTINCT_MOCK_WORLD=world.toml; with DISTINCT_MOCK_TLS=self-signed, the file to trust is in
# DISTINCT_MOCK_CA_FILE. When the command fails, the log of the fake says which rules were broken.
set -eu
if [ $# -eq 0 ]; then
    echo "usage: $0 COMMAND [ARGUMENT...]" >&2
    exit 2
fi

folder=$(mktemp -d)
mkfifo "$folder/ready"
distinct-mock serve --port 0 --ready-json >"$folder/ready" 2>"$folder/log" &
fake=$!
trap 'kill "$fake" 2>/dev/null || true; wait "$fake" || true; rm -rf "$folder"' EXIT

# The fake listens before it writes this line. One that cannot start writes none, and the log says why.
if ! read -r ready <"$folder/ready"; then
    cat "$folder/log" >&2
    exit 2
fi
DISTINCT_MOCK_URL=$(printf '%s' "$ready" | sed 's/.*"url": "\([^"]*\)".*/\1/')
DISTINCT_API_KEY=$(printf '%s' "$ready" | sed 's/.*"key": "\([^"]*\)".*/\1/')
export DISTINCT_MOCK_URL DISTINCT_API_KEY
case $ready in *'"caFile": '*)
    DISTINCT_MOCK_CA_FILE=$(printf '%s' "$ready" | sed 's/.*"caFile": "\([^"]*\)".*/\1/')
    export DISTINCT_MOCK_CA_FILE
esac

status=0
"$@" || status=$?
if [ "$status" -ne 0 ]; then
    echo "the fake's log:" >&2
    cat "$folder/log" >&2
fi
exit "$status"
