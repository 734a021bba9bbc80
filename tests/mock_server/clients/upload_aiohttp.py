"""Uploads one file of zeros with aiohttp, and prints the status and body of the answer.

Arguments: url, key, size in bytes.
"""

import asyncio
import sys
from collections.abc import AsyncIterator

import aiohttp

URL, KEY, SIZE = sys.argv[1], sys.argv[2], int(sys.argv[3])
BOUNDARY = "client-boundary"
TEXT = '--{}\r\nContent-Disposition: form-data; name="{}"\r\n\r\n{}\r\n'
FILE = '--{}\r\nContent-Disposition: form-data; name="assets"; filename="big.mp4"\r\n\r\n'


async def body() -> AsyncIterator[bytes]:
    yield (TEXT.format(BOUNDARY, "userId", "user-john-doe") + TEXT.format(BOUNDARY, "eventId", "summer-gala")).encode()
    yield FILE.format(BOUNDARY).encode()
    block = bytes(1 << 16)
    for _ in range(SIZE // len(block)):
        yield block
    yield f"\r\n--{BOUNDARY}--\r\n".encode()


async def upload() -> str:
    headers = {"x-distinct-api-key": KEY, "Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    async with aiohttp.ClientSession() as session, session.post(URL, data=body(), headers=headers) as response:
        return f"{response.status} {await response.text()}"


print(asyncio.run(upload()))  # noqa: T201 - its output is its result
