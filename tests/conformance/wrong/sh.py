"""Clients in sh with the faults of shells and of curl: values without quotes, JSON by hand, options left out."""

from tests.conformance.wrong_copy import WrongCopy

GIFT, ANALYTICS = "giftAssets", "addUserAnalytics"

WRONG: tuple[WrongCopy, ...] = (
    WrongCopy(
        "curl-without-f",
        ANALYTICS,
        {"case $status in 2??) return ;; esac": "return"},
        {
            "R-03": "curl ends well after a 400, and nobody looks at the status",
            "R-06": "nor at a 401",
            "R-09": "nor at a 403",
            "R-11": "nor at a 500",
            "R-20": "nor at a 503",
            "R-22": "nor at a 404",
            "R-24": "nor at a redirect that is not followed",
        },
        trials=("plan/refusals", "plan/other-refusals", "plan/500-200", "plan/503/", "plan/302/"),
    ),
    WrongCopy(
        "words-without-quotes",
        ANALYTICS,
        {"""printf '%s' "${!name-}"; }""": """printf '%s' ${!name-}; }"""},
        {"N-19": "metadata is taken apart at its blanks", "O-08": "and of a name that is a blank, none is left"},
        trials=("analytics/metadata",),
    ),
    WrongCopy(
        "tests-without-quotes",
        ANALYTICS,
        {'[ -n "${!name-}" ]': "[[ -v $name ]] && [ -n ${!name-} ]"},
        {
            "N-15": "of an empty text, [ sees nothing but -n, which is true",
            "N-19": "of metadata it sees several words, which are an error and so not true",
        },
        trials=("analytics/experience", "analytics/metadata"),
    ),
    WrongCopy(
        "json-by-hand",
        ANALYTICS,
        {"    local text=$1 code escape letter\n": '    printf \'"%s"\' "$1"\n    return\n'},
        {"O-07": "a quote, a backslash or a line end stands in a text as it is"},
        trials=("analytics/text",),
    ),
    WrongCopy(
        "json-without-type",
        ANALYTICS,
        {"-H 'Content-Type: application/json' ": ""},
        {"O-06": "curl takes it for a form"},
        trials=("analytics/identifiers",),
    ),
    WrongCopy(
        "names-without-quotes",
        GIFT,
        {'filename=\\"$(file_name "${!name-}")\\";type': 'filename=$(file_name "${!name-}");type'},
        {"U-13": "curl reads a semicolon in a name as the end of it"},
        trials=("upload/name",),
    ),
    WrongCopy(
        "fields-with-f",
        GIFT,
        {'--form-string "userId=': '-F "userId='},
        {"U-02.given": "curl looks for a file where an id begins with @, and drops what a ; begins"},
        trials=("upload/id",),
    ),
    WrongCopy(
        "curl-with-l",
        ANALYTICS,
        {"curl -sS -X": "curl -sSL -X"},
        {"R-24": "curl hands the key on to where it is sent"},
        trials=("plan/302/", "plan/307/"),
    ),
    WrongCopy(
        "curl-with-v",
        ANALYTICS,
        {"curl -sS -X": "curl -sSv -X", '"$DISTINCT_BASE_URL$path" 2>/dev/null |': '"$DISTINCT_BASE_URL$path" |'},
        {"S-07": "curl writes all headers to standard error"},
        trials=("analytics/identifiers",),
    ),
)
