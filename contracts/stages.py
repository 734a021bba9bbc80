"""The names of the checks that are decided before the content of a body is looked at, and by whom."""

# By the wire: whether bytes are a request at all, and came in time.
HTTP = "http"
HEADER_SIZE = "header-size"
HEADERS_IN_TIME = "headers-in-time"
# By the router.
PATH = "path"
METHOD = "method"
# By the head of the request, before any of the body is read.
API_KEY = "api-key"
ADDRESS = "address"
MEDIA_TYPE = "media-type"
CONTENT_ENCODING = "content-encoding"
# While the body is read.
BODY_IN_TIME = "body-in-time"
BODY_SIZE = "body-size"
JSON = "json"
MULTIPART = "multipart"
TEXT_PART_SIZE = "text-part-size"

WHOLE_BODY = "a whole body"
"""What is expected of a body that ended too early with its connection; all else about it is said by its form."""

WIRE = frozenset({HTTP, HEADER_SIZE, HEADERS_IN_TIME, PATH, METHOD})
_HEAD = frozenset({API_KEY, ADDRESS, MEDIA_TYPE, CONTENT_ENCODING, BODY_IN_TIME})
BY_MEDIA_TYPE = {
    "application/json": _HEAD | {BODY_SIZE, JSON},
    "multipart/form-data": _HEAD | {MULTIPART, TEXT_PART_SIZE},
}
"""The stages that an operation needs a rule for, by the media type of its body."""

STAGES = WIRE.union(*BY_MEDIA_TYPE.values())
