"""Clients in PHP with the faults of PHP: arrays for objects, numbers for texts, what is empty, and what curl does."""

from tests.conformance.wrong_copy import WrongCopy

GIFT, ANALYTICS = "giftAssets", "addUserAnalytics"

_AS_ARRAYS = "array_map(fn ($value) => is_object($value) ? (array) $value : $value, $fields)"

WRONG: tuple[WrongCopy, ...] = (
    WrongCopy(
        "arrays-for-objects",
        ANALYTICS,
        {
            "json_encode($fields, ": f"json_encode({_AS_ARRAYS}, ",
            "\n            && !(is_object($value) && get_object_vars($value) === []);": ";",
        },
        {"N-17": "an array without members is written as a list"},
    ),
    WrongCopy(
        "numeric-check",
        ANALYTICS,
        {"JSON_THROW_ON_ERROR)": "JSON_THROW_ON_ERROR | JSON_NUMERIC_CHECK)"},
        {
            "N-19": "a zip code in the metadata is written as a number",
            "N-20": "phone numbers and ids of digits are, too",
        },
    ),
    WrongCopy(
        "array-for-postfields",
        ANALYTICS,
        {"CURLOPT_POSTFIELDS => $body": "CURLOPT_POSTFIELDS => $fields"},
        {
            "O-07": "curl makes a form of an array, whatever its type is said to be",
            "O-16": "but none of an object, so metadata ends the call",
        },
    ),
    WrongCopy(
        "takes-any-answer-for-success",
        ANALYTICS,
        {"if ($status >= 200 && $status < 300) {": "if (is_string($text)) {"},
        {
            "R-03": "curl_exec gives the text of a 400 like any other, and nobody looks at the status",
            "R-06": "nor at a 401",
            "R-09": "nor at a 403",
            "R-11": "nor at a 500",
            "R-14": "so it is not tried again either",
            "R-22": "nor at a 404",
            "R-24": "nor at a redirect that is not followed",
        },
    ),
    WrongCopy(
        "decodes-names",
        GIFT,
        {"Rules::fileName($file->name));": "utf8_decode(Rules::fileName($file->name)));"},
        {"U-14": "names are written in Latin-1"},
    ),
    WrongCopy(
        "zero-is-empty",
        ANALYTICS,
        {"!in_array($value, [null, ''], true)\n": "!empty($value)\n"},
        {
            "N-03": "the text 0 is empty for PHP, so a user of that id is left out",
            "O-16": "and where there is no other, the event is refused",
        },
    ),
    WrongCopy(
        "serialize-precision",
        ANALYTICS,
        {"        $body = json_encode(": "        ini_set('serialize_precision', '3');\n        $body = json_encode("},
        {"N-19": "numbers lose their digits"},
    ),
    WrongCopy(
        "tries-again-for-ever",
        ANALYTICS,
        {
            "if ($status !== 500 || $attempt === MOST_ATTEMPTS) {": "if ($status !== 500) {",
            "FIRST_WAIT_MS * 2 ** ($attempt - 1) *": "FIRST_WAIT_MS *",
        },
        {"R-11": "never gives up", "R-12": "nor after the attempts that it declares"},
    ),
    WrongCopy(
        "brackets-in-names",
        GIFT,
        {'{$head}assets\\"; filename': '{$head}assets[]\\"; filename'},
        {
            "U-10": "PHP itself would want assets[] in place of assets",
            "O-10": "which is a field that no document names",
        },
    ),
)
