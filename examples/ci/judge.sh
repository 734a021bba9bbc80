#!/bin/sh
# Judges a client in a CI job, and ends with the judge's exit status:
#
#     judge.sh CLIENT [OPTION...]
#     judge.sh "jsonl:node adapter.mjs" --server-validated
#
# The judge is installed into a folder of its own (DISTINCT_JUDGE, .distinct-judge unless given) from DISTINCT_SOURCE: a
# clone of its repository, or a wheel of it. PIP_NO_INDEX and PIP_FIND_LINKS make pip do without a network. The reports
# are written into the folder DISTINCT_REPORTS (distinct-reports unless given), whatever the verdict.
set -eu
if [ $# -eq 0 ]; then
    echo "usage: $0 CLIENT [OPTION...]" >&2
    exit 2
fi
client=$1
shift

judge=${DISTINCT_JUDGE:-.distinct-judge}
reports=${DISTINCT_REPORTS:-distinct-reports}
if [ ! -x "$judge/bin/distinct-conformance" ]; then
    : "${DISTINCT_SOURCE:?names a clone or a wheel}"
    python3 -m venv "$judge"
    "$judge/bin/pip" install -q --disable-pip-version-check "$DISTINCT_SOURCE[conformance]"
fi
mkdir -p "$reports"

status=0
"$judge/bin/distinct-conformance" client run --client "$client" --profile ci --quiet \
    --json "$reports/report.json" --junit "$reports/junit.xml" \
    --html "$reports/report.html" --markdown "$reports/report.md" "$@" || status=$?

# Where there is a page for the job, it has the summary.
if [ -n "${GITHUB_STEP_SUMMARY:-}" ] && [ -f "$reports/report.md" ]; then
    cat "$reports/report.md" >>"$GITHUB_STEP_SUMMARY"
fi
exit "$status"
