#!/usr/bin/env bash
# Puts the judge's calls into the words of a shell client. Nothing in it has to be changed.
#
#     distinct-conformance client run --client "exec:./send.sh"
#
# The judge runs it for each call, with the environment that docs/protocol.md describes. The client stands in client.sh.
# Exit status: 0 done, 64 not sent because the caller's values are wrong, 69 the client has nothing like this, other: failed.
set -u
cd "$(dirname "$0")" || exit

# Says why, on standard error, and ends: refused "no user id"
refused() { printf '%s\n' "$1" >&2; exit 64; }

# Says what the API said, and ends: failed 400 "Invalid type." The status is empty when there was no answer.
failed() {
    [ -z "$1" ] || printf '{"status": %d}\n' "$1"
    printf '%s\n' "$2" >&2
    exit 1
}

# What does not fit into the environment, such as a NUL, no shell can be handed.
[ -z "${DISTINCT_ARGS_UNFIT:-}" ] || refused "$DISTINCT_ARGS_UNFIT: no text for a shell"

. ./client.sh
case $DISTINCT_OP in
    giftAssets | addUserAnalytics | captureAnalytics) "$DISTINCT_OP" ;;
    *) exit 69 ;;
esac
