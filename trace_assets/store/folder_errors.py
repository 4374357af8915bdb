"""What an error of the operating system means for the reader of a message."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from trace_assets.errors import NotFoundError, StoreError

_ADVICE: Final = {
    errno.ENOSPC: "the disk is full: free space, then run again",
    errno.EDQUOT: "the quota is used up: free space, then run again",
    errno.EFBIG: "the file is larger than this disk or process may write",
    errno.EACCES: "not permitted: check the owner and mode of the folder",
    errno.EPERM: "not permitted: check the owner and mode of the folder",
    errno.EROFS: "the disk is read-only: choose another place",
    errno.ENAMETOOLONG: "the name is too long for this disk: shorten it",
    errno.ENOTDIR: "a file stands where a folder is needed: move it away",
    errno.EEXIST: "a file stands where a folder is needed: move it away",
    errno.EISDIR: "a folder stands where the file should be: move it away",
    errno.ENOTEMPTY: "a folder stands where the file should be: move it away",
    errno.ELOOP: "its symbolic links lead in a circle",
}
"""Nothing here gets better by itself; any other error of a disk may."""


@contextmanager
def os_errors(path: Path, verb: str) -> Iterator[None]:
    """Tell an OSError as a StoreError: where, what was tried, what to do."""
    try:
        yield
    except OSError as error:
        kind = NotFoundError if _is_absence(error, verb) else StoreError
        number = error.errno or 0
        advice = _ADVICE.get(number, "it may work if tried again")
        msg = f"{path}: cannot {verb}: {error.strerror or error}; {advice}"
        if kind is NotFoundError:
            msg = f"{path}: there is no such file"
        retryable = kind is StoreError and number not in _ADVICE
        raise kind(msg, retryable=retryable) from error


def _is_absence(error: OSError, verb: str) -> bool:
    return verb == "read" and error.errno in {errno.ENOENT, errno.ENOTDIR, errno.EISDIR}
