"""Clients in Node with the faults of JavaScript: what fetch does of itself, and what numbers and dates lose."""

from tests.conformance.wrong_copy import WrongCopy

GIFT, ANALYTICS = "giftAssets", "addUserAnalytics"

_LOCAL_TIME = """\
  const local = new Date(fields.capturedAt);
  fields.capturedAt = new Date(local - local.getTimezoneOffset() * 60_000).toISOString();
"""
_METADATA = '  if ("metadata" in fields) checkMetadata(fields.metadata);\n'

WRONG: tuple[WrongCopy, ...] = (
    WrongCopy(
        "takes-fetch-to-throw",
        ANALYTICS,
        {"if (status >= 200 && status < 300) return;": "return;"},
        {
            "R-03": "fetch gives a 400 like a 200, and nobody looks at it",
            "R-06": "nor at a 401",
            "R-09": "nor at a 403",
            "R-11": "nor at a 500",
            "R-14": "so it is not tried again either",
            "R-22": "nor at a 404",
            "R-24": "nor at a redirect that is not followed",
        },
    ),
    WrongCopy(
        "types-the-form-by-hand",
        GIFT,
        {"isUpload ? this.headers": 'isUpload ? { ...this.headers, "content-type": "multipart/form-data" }'},
        {"U-01": "what fetch would have said of the boundary is written over"},
    ),
    WrongCopy(
        "follows-redirects",
        ANALYTICS,
        {'redirect: "manual"': 'redirect: "follow"'},
        {"R-24": "fetch hands the key on to where it is sent, and makes a GET of a POST"},
    ),
    WrongCopy(
        "takes-ids-for-numbers",
        GIFT,
        {"form.append(name, value)": "form.append(name, Number(value) || value)"},
        {"U-02.given": "0042 is sent as 42, and 12345678901234567890 as another number", "U-03.given": "as well"},
    ),
    WrongCopy(
        "null-for-undefined",
        ANALYTICS,
        {"JSON.stringify(fields);": "JSON.stringify({ email: null, phone: null, ...fields });"},
        {"N-14": "JSON.stringify leaves out what is undefined, but not what is null"},
    ),
    WrongCopy(
        "local-time-with-a-z",
        ANALYTICS,
        {_METADATA: _LOCAL_TIME + _METADATA},
        {"N-12": "the time of the zone that it runs in is told as that of Greenwich"},
    ),
    WrongCopy(
        "tries-again-whatever-comes",
        ANALYTICS,
        {"if (status !== 500 || attempt === MOST_ATTEMPTS)": "if (attempt === MOST_ATTEMPTS)"},
        {
            "R-04": "after a 400",
            "R-07": "after a 401",
            "R-10": "after a 403",
            "R-18": "after a 500 and a 400",
            "R-19": "after a 500 and a 401",
            "R-22": "after a 404",
            "R-23": "after a 429, and before the time that it names",
        },
    ),
    WrongCopy(
        "blobs-of-nothing-but-bytes",
        GIFT,
        {"openAsBlob(path, { type: content_type }), fileName(name));": "openAsBlob(path));"},
        {"U-15.given": "a blob has no type of its own; its name is blob then, which is a name"},
    ),
)
