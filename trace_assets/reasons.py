"""The reasons of quarantine, with what each says: `docs/dataset.md` shows this table.

A rule that quarantines gives its own name as the reason; those are in `trace_assets.rules`.
"""

from typing import Final

REASONS: Final[dict[str, str]] = {
    "not_json": "The bytes are not JSON.",
    "not_csv": "A quote of the CSV row is never closed.",
    "not_utf8": "The bytes are not valid in the encoding of the file, UTF-8 for JSON.",
    "truncated": "The file, or its compressed stream, ends in the middle of the record.",
    "duplicate_key": "An object has one key twice, so that one of the values would be lost.",
    "too_deep": "The record is nested deeper than the parser allows.",
    "too_large": "The record, or all records of one trace together, exceed the size limit; "
    "`raw` has the beginning of an oversized record.",
    "empty_file": "The file has no record.",
    "unknown_format": "No format recognizes the file, or several do.",
    "unknown_shape": "The record, or a part of it, has a shape that its format does not know.",
    "unknown_role": "A CSV row names a speaker that is neither user, assistant, system nor tool.",
    "unsaid": "A trace lacks a value that its format requires and that cannot be derived.",
    "no_conversation": "The record belongs to the tool's own operation and contains no message.",
    "no_request": "A response has no request, so the question that it answers is not known.",
    "ambiguous_request": "Several requests have the key of a response, so its own is not known.",
    "no_spans": "The record describes a trace, and its spans are not in the log.",
    "no_trace": "A log record names neither a trace nor a conversation.",
    "several_traces": "One record contains runs of several traces.",
    "unused": "The format assigned the record to no trace.",
    "invalid_trace": "The converted trace does not load in the Trace model.",
}
"""Each reason that the code gives, with one line."""
