"""Reading a dataset, whoever wrote it: a row is a trace that holds, or kept with its reason."""

from collections.abc import Callable, Iterator
from typing import IO, Any, BinaryIO

import msgspec

from trace_assets.convert import Quarantined
from trace_assets.errors import InvalidTraceError
from trace_assets.interactions.assemble import Conversed
from trace_assets.judge import judge_value
from trace_assets.reading import Limits, Place
from trace_assets.rows import quarantine_line
from trace_assets.trace.build import record_id
from trace_assets.trace.rows import split

_MOST = Limits().record_bytes
"""Bytes of a row that are read."""


class Rows:
    """The rows of a dataset; those that are no trace that holds go to a file, whole."""

    def __init__(
        self,
        file: BinaryIO,
        name: str,
        quarantine: IO[bytes],
        report: Callable[[int], object],
    ) -> None:
        self._file = file
        self._name = name
        self._quarantine = quarantine
        self._report = report
        self._place = Place(name, 0, 0, 0, "0")
        self.count = 0
        self.refused = 0

    def each(self) -> Iterator[Conversed]:
        """Yield the rows one by one."""
        offset = 0
        while line := self._file.readline(_MOST):
            number = self.count + self.refused
            self._place = Place(self._name, number, offset, len(line), str(number))
            if line.strip() and (row := self._row(line)) is not None:
                self.count += 1
                yield row
            offset += len(line)
            self._report(len(line))

    def _row(self, line: bytes) -> Conversed | None:
        if len(line) >= _MOST and not line.endswith(b"\n"):
            return self._refuse("too_large", f"a row has more than {_MOST:,} bytes", line)
        try:
            row = split(line)
            trace = msgspec.json.decode(row.trace_json())
        except InvalidTraceError as error:
            return self._refuse("invalid_trace", str(error), line)
        except (msgspec.MsgspecError, RecursionError) as error:
            return self._refuse("invalid_trace", f"trace: {error}", line)
        judgement = judge_value(trace)
        if judgement.reason:
            return self._refuse(judgement.reason, "; ".join(judgement.problems), line)
        metadata: dict[str, Any] = trace.get("metadata") or {}
        known = (row.columns.get("trace_id"), metadata.get("trace_id"))
        trace_id = next((one for one in known if isinstance(one, str) and one), None)
        uri = row.columns.get("source_uri") or metadata.get("source_uri")
        return Conversed(
            trace, trace_id or record_id(line), uri if isinstance(uri, str) else self._place.uri
        )

    def _refuse(self, reason: str, message: str, line: bytes) -> None:
        self.refused += 1
        refused = Quarantined(reason, message, self._place, "", line)
        self._quarantine.write(quarantine_line(refused))
