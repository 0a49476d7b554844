"""A worker does not outlive the process that watches over it: it would keep the port from the next service."""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1  # of prctl(2)


def end_with_parent(parent: int) -> None:
    """Asks the kernel to tell this process to end when its parent is gone; only Linux knows how.

    Parameters
    ----------
    parent
        The id that the parent had when it started this process: it may be gone by now.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            sys.stderr.write("the process that watched over this one is gone\n")
            os._exit(1)  # nothing has begun yet that would have to be ended
