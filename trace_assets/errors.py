"""Every error raised on purpose.

TraceAssetsError
├── UnknownFormatError       no format, or more than one, recognises a log
├── InvalidTraceError        a value is not a trace: where, what was found, what is expected
├── SpanTreeError            an event stream whose spans do not form a tree
├── ConfigError              a wrong key or value in `sources.yaml`, the environment or a command
├── TeacherError             the endpoint of the teachers cannot be used
└── StoreError               bytes at rest could not be reached, read or written
    └── NotFoundError        there is no object under this key
"""

from trace_assets.printable import shown


class TraceAssetsError(Exception):
    """Any error that trace_assets raises on purpose.

    Its text is safe to print and to log, whatever file names and URIs it contains.
    """

    def __init__(self, *args: object) -> None:
        super().__init__(*(shown(each) if isinstance(each, str) else each for each in args))


class UnknownFormatError(TraceAssetsError):
    """No format, or more than one, recognises a log."""

    def __init__(
        self, file: str, *, matches: list[str], known: list[str], tool: str | None = None
    ) -> None:
        found = f"looks like {' and '.join(matches)}" if matches else "looks like none of them"
        if tool is not None:
            found = f"looks like {tool}, which no format reads yet"
        super().__init__(f"{file}: {found}; known formats: {', '.join(known)}")
        self.matches = matches


class InvalidTraceError(TraceAssetsError, ValueError):
    """A value is not a trace; `problems` has one line for each thing that is wrong."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class SpanTreeError(TraceAssetsError, ValueError):
    """An event stream whose spans do not form a tree."""


class ConfigError(TraceAssetsError, ValueError):
    """A wrong key or value in `sources.yaml`, the environment or a command."""


class TeacherError(TraceAssetsError):
    """The endpoint of the teachers cannot be used; what it answered so far is kept."""

    retryable: bool
    """Whether the same run may work later: yes when it is down, no when it refuses the key."""

    def __init__(self, message: str, *, retryable: bool) -> None:
        super().__init__(message)
        self.retryable = retryable


class StoreError(TraceAssetsError):
    """Bytes at rest could not be reached, read or written."""

    retryable: bool
    """Whether the same call may work later: yes after a dropped connection, no on a full disk."""

    def __init__(self, message: str, *, retryable: bool = False) -> None:
        super().__init__(message)
        self.retryable = retryable

    def __reduce__(self) -> tuple[object, ...]:
        # Errors cross from worker processes by pickle, which would forget the keyword.
        return _store_error, (type(self), str(self), self.retryable)


class NotFoundError(StoreError):
    """There is no object under this key."""


def _store_error(kind: type[StoreError], message: str, retryable: bool) -> StoreError:
    return kind(message, retryable=retryable)
