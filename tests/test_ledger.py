"""The ledger: what was read is what was accounted for, or nothing is published."""

import pytest

from trace_assets.ledger import HEADINGS, FileLedger, Ledger, UnbalancedLedgerError


def file_ledger(name: str = "a.json") -> FileLedger:
    return FileLedger(name, sha256="0" * 64, size=10, format="tau2bench")


def test_every_heading_counts_towards_the_records() -> None:
    file = file_ledger()
    for heading in HEADINGS:
        file.records += 1
        file.count(heading)
    ledger = Ledger([file])
    ledger.check()
    assert ledger.total("records") == sum(ledger.total(heading) for heading in HEADINGS) == 5


def test_a_record_under_no_heading_is_an_error_that_names_the_file() -> None:
    lost, kept = file_ledger("lost.json"), file_ledger("kept.json")
    lost.records = 2
    lost.count("converted")
    with pytest.raises(
        UnbalancedLedgerError, match=r"^lost\.json: 2 records read, 1 accounted for$"
    ):
        Ledger([kept, lost]).check()


def test_a_trace_that_did_not_hold_moves_to_quarantine_with_its_reason() -> None:
    file = file_ledger()
    file.records = file.traces = 1
    file.count("converted")
    file.move_to_quarantine("empty_trace")
    assert file.as_dict()["converted"] == 0
    assert file.as_dict()["traces"] == 0
    assert file.as_dict()["reasons"] == {"empty_trace": 1}
    Ledger([file]).check()


def test_more_cannot_be_moved_to_quarantine_than_was_converted() -> None:
    file = file_ledger()
    file.move_to_quarantine("empty_trace")
    assert Ledger([file]).problems()


def test_a_ledger_reads_back_as_it_was_written() -> None:
    first, second = file_ledger("a.json"), file_ledger("b.json")
    for file, reason in ((first, "not_json"), (second, "truncated"), (second, "truncated")):
        file.records += 1
        file.count("quarantined", reason=reason)
    ledger = Ledger([first, second])
    assert Ledger.from_dict(ledger.as_dict()).as_dict() == ledger.as_dict()
    assert list(ledger.reasons()) == ["truncated", "not_json"]
    assert list(ledger.as_dict())[:6] == ["records", *HEADINGS]
