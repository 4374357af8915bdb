"""Log files to traces: tell the format, read the records, convert each or say why not.

A record is a trace by itself, or a part of one: parts are set aside while the files of a drop are
read (`convert_file`), and become traces after the last file (`convert_gathered`).
"""

from trace_assets.convert.file import convert_file
from trace_assets.convert.gathered import convert_gathered, ranges
from trace_assets.convert.not_read import likely_tool
from trace_assets.convert.outcome import Quarantined, Row, Source, repaired
from trace_assets.convert.seen import Seen
from trace_assets.convert.telling import LogFile, claims, expect_known, inspect, recognise

__all__ = [
    "LogFile",
    "Quarantined",
    "Row",
    "Seen",
    "Source",
    "claims",
    "convert_file",
    "convert_gathered",
    "expect_known",
    "inspect",
    "likely_tool",
    "ranges",
    "recognise",
    "repaired",
]
