"""Keeps receive buffers of large uploads in the process."""

import ctypes
import sys

_TOP_PAD = -2
_KEPT_BYTES = 16 * 1024 * 1024


def keep_receive_buffers() -> None:
    """Tell glibc not to give freed memory at the top of the heap back at once.

    Otherwise each receive buffer is returned to the kernel and faulted in again for the next one, which costs most of
    the time of an upload. Does nothing where there is no glibc.
    """
    if not sys.platform.startswith("linux"):  # pragma: no cover - the tests run on Linux
        return
    try:
        ctypes.CDLL(None).mallopt(_TOP_PAD, _KEPT_BYTES)
    except (OSError, AttributeError):  # pragma: no cover - another C library, such as musl
        return
