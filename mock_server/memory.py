"""Tunes memory for a server: receive buffers that stay, and a garbage collector that looks at what is new alone."""

import ctypes
import gc
import sys

_TOP_PAD = -2
_KEPT_BYTES = 8 * 1024 * 1024
_YOUNG_OBJECTS = 500
_YOUNG_VISITS = 10_000


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


def spare_the_collector() -> None:
    """Let the garbage collector pass over what is there now, and look at what is older only once in a long while.

    A request makes almost no cycles, and the journal keeps thousands of requests: the collector mostly looks at things
    that are in use, and the slowest requests wait for the longest of its visits. So these are many and short.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG_OBJECTS, _YOUNG_VISITS, 100)
