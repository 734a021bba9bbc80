# What send.sh calls. Put your client here: this one only sends what it is given, as it stands.

# posted PATH CURL-OPTION…: sends one request; `failed` tells the caller what the API said.
posted() {
    local path=$1 answer status
    shift
    # Arguments can be seen by others of this machine, so the key is none.
    answer=$(curl -sS -H @<(printf 'x-distinct-api-key: %s' "$DISTINCT_API_KEY") -w '\n%{http_code}' "$@" \
        "$DISTINCT_BASE_URL$path") || failed "" "no answer"
    status=${answer##*$'\n'}
    [ "$status" -lt 300 ] || failed "$status" "${answer%$'\n'*}"
}

addUserAnalytics() {
    posted /api/v1/user/analytics -H 'Content-Type: application/json' --data-raw "$DISTINCT_ARGS_JSON"
}

captureAnalytics() {
    posted /api/v1/analytics/capture/fifa-cwc-2025 -H 'Content-Type: application/json' --data-raw "$DISTINCT_ARGS_JSON"
}

giftAssets() {
    local form=() number path name type
    for ((number = 1; number <= DISTINCT_FILES; number++)); do
        path=DISTINCT_FILE_$number name=DISTINCT_FILE_${number}_NAME type=DISTINCT_FILE_${number}_TYPE
        form+=(-F "assets=@${!path};filename=\"${!name:-file}\";type=${!type}")
    done
    posted /api/v1/vendor/user/assets --form-string "userId=${DISTINCT_ARG_USERID:-}" \
        --form-string "eventId=${DISTINCT_ARG_EVENTID:-}" "${form[@]}"
}
