# A right client with curl, in bash; nothing else is needed but what Debian has from the start. It never tries again.
# Letters are bytes here: nothing but ASCII changes its case, and 1 is the only 1.
export LC_ALL=C
set -o pipefail

declare -A PAIRS=(
    [registration_email]=" sent opened delivered "
    [registration_sms]=" sent delivered failed "
    [user_collectible]=" viewed downloaded "
    [page_visit]=" viewed "
)
MOST_FILES=10
MOST_BYTES=$((50 * 1024 * 1024))

# The value of a field of the call: arg userId
arg() { local name=DISTINCT_ARG_${1^^}; printf '%s' "${!name-}"; }

# Whether a field was given a value that is not empty.
given() { local name=DISTINCT_ARG_${1^^}; [ -n "${!name-}" ] && [ "${!name}" != "{}" ]; }

# What kind of value it is: string, number, boolean, object, array.
kind() { local name=DISTINCT_TYPE_${1^^}; printf '%s' "${!name-nothing}"; }

# texts NAME…: refuses what is missing, or no text.
texts() {
    local name
    for name; do
        { given "$name" && [ "$(kind "$name")" = string ]; } || refused "$name: got $(kind "$name"), expected text"
    done
}

# "text" as JSON writes it: quoted TEXT
quoted() {
    local text=$1 code escape letter
    text=${text//\\/\\\\}
    text=${text//\"/\\\"}
    # All of them have to be escaped, and few texts have any.
    if [[ $text == *[[:cntrl:]]* ]]; then
        for code in {1..31} 127; do
            printf -v escape '\\u%04x' "$code"
            printf -v letter "\\x${escape: -2}"
            text=${text//"$letter"/"$escape"}
        done
    fi
    printf '"%s"' "$text"
}

# json NAME…: those of the fields that were given, as a JSON object.
json() {
    local name body=""
    for name; do
        given "$name" || continue
        [ -z "$body" ] || body+=,
        body+=$(quoted "$name"):
        # A text follows byte by byte, and its last newline with it.
        if [ "$(kind "$name")" = string ]; then name=DISTINCT_ARG_${name^^}; body+=$(quoted "${!name}"); else body+=$(arg "$name"); fi
    done
    printf '{%s}' "$body"
}

# Refuses what is no date and time with an offset, in the form that every reader of ISO 8601 takes.
check_time() {
    local name=DISTINCT_ARG_${1^^} form minute utc
    local form='^([0-9]{4}-[0-9]{2}-[0-9]{2})T([0-9]{2}:[0-9]{2}):([0-5][0-9]|60)(\.[0-9]+)?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$'
    [[ ${!name} =~ $form && ${!name} != *-00:00 && ${!name} != 0000* ]] ||
        refused "$1: expected a date and time such as 2026-04-27T13:35:00Z"
    minute="${BASH_REMATCH[1]} ${BASH_REMATCH[2]}"
    [[ $minute != *\ 24:* ]] && utc=$(date -u -d "$minute ${BASH_REMATCH[5]}" +%H:%M 2>/dev/null) &&
        date -u -d "${BASH_REMATCH[1]}" >/dev/null 2>&1 || refused "$1: there is no such time"
    [[ ${BASH_REMATCH[3]} != 60 || $utc == 23:59 ]] || refused "$1: no leap second can be there"
}

# posted PATH CURL-OPTION…: sends one request; `failed` tells the caller what the API said.
posted() {
    local path=$1 answer status seconds
    shift
    printf -v seconds '%d.%03d' $((${DISTINCT_TIMEOUT_MS:-2000} / 1000)) $((${DISTINCT_TIMEOUT_MS:-2000} % 1000))
    # Arguments can be seen by others of this machine, so the key is none.
    answer=$(curl -sS -X POST -A "right-client-with-bash/1.0" -m "$seconds" -w '\n%{http_code}' \
        -H @<(printf 'x-distinct-api-key: %s' "$DISTINCT_API_KEY") "$@" "$DISTINCT_BASE_URL$path" 2>/dev/null | tr -d '\0')
    # 28: the time was over, perhaps in the middle of the answer.
    [ $? != 28 ] || failed "" "no answer in time"
    status=${answer##*$'\n'} answer=${answer%$'\n'*}
    [ "$status" != 000 ] || failed "" "no answer"
    case $status in 2??) return ;; esac
    [[ $answer =~ \"message\":\ *\"([^\"]*)\" ]] && answer=${BASH_REMATCH[1]}
    failed "$status" "${answer:0:200}"
}

# posted_json PATH NAME…
posted_json() {
    local path=$1
    shift
    json "$@" | posted "$path" -H 'Content-Type: application/json' --data-binary @-
}

addUserAnalytics() {
    local name identifiers=() feature action
    for name in userId email phone; do given "$name" && identifiers+=("$name"); done
    [ ${#identifiers[@]} -gt 0 ] || refused "one of userId, email and phone is needed"
    texts "${identifiers[@]}" feature action experienceId capturedAt
    ! given phone || [[ $DISTINCT_ARG_PHONE =~ ^\+[1-9][0-9]{1,14}$ ]] || refused "phone: expected E.164, such as +14155552671"
    feature=${DISTINCT_ARG_FEATURE,,} action=${DISTINCT_ARG_ACTION,,}
    [[ $feature =~ ^[a-z_]+$ && $action =~ ^[a-z]+$ && ${PAIRS[$feature]-} == *" $action "* ]] ||
        refused "$DISTINCT_ARG_FEATURE/$DISTINCT_ARG_ACTION is not registered"
    check_time capturedAt
    ! given metadata || [ "$(kind metadata)" = object ] || refused "metadata: got $(kind metadata), expected an object"
    posted_json /api/v1/user/analytics userId email phone feature action experienceId capturedAt metadata
}

captureAnalytics() {
    local needed=(email)
    texts type eventValue recordCapturedAt
    case $DISTINCT_ARG_TYPE in
        REGISTRATION_PAGE_VISIT) needed=(sessionId registrationPageValue) ;;
        PHOTO_ASSIGNED_TO_USER | PHOTO_DOWNLOADED_BY_USER | PHOTO_VIEWED_BY_USER) ;;
        *) refused "type: got $DISTINCT_ARG_TYPE" ;;
    esac
    texts "${needed[@]}"
    check_time recordCapturedAt
    posted_json /api/v1/analytics/capture/fifa-cwc-2025 type eventValue recordCapturedAt "${needed[@]}"
}

giftAssets() {
    local form=() number path name type size
    texts userId eventId
    ((DISTINCT_FILES > 0 && DISTINCT_FILES <= MOST_FILES)) || refused "$DISTINCT_FILES files, expected 1 to $MOST_FILES"
    for ((number = 1; number <= DISTINCT_FILES; number++)); do
        path=DISTINCT_FILE_$number name=${path}_NAME type=${path}_TYPE size=${path}_SIZE
        ((${!size} > 0 && ${!size} <= MOST_BYTES)) || refused "${!path}: ${!size} bytes, expected 1 to $MOST_BYTES"
        [[ ${!type} == image/* || ${!type} == video/* ]] || refused "${!path}: ${!type}, expected an image or a video"
        form+=(-F "assets=@\"${!path}\";filename=\"$(file_name "${!name-}")\";type=${!type}")
    done
    posted /api/v1/vendor/user/assets --form-string "userId=$DISTINCT_ARG_USERID" \
        --form-string "eventId=$DISTINCT_ARG_EVENTID" "${form[@]}"
}

# Gives the name of a file without folders, and without what no name has, as curl's forms write it.
file_name() {
    local name=${1//\\//}
    name=${name##*/}
    name=${name//[[:cntrl:]]/_}
    name=${name//\"/\\\"}
    printf '%s' "${name:-file}"
}
