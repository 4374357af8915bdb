"""Every row leads back to its bytes: the record as the log has it, by its place."""

from collections.abc import Mapping
from contextlib import ExitStack
from typing import BinaryIO

from trace_assets.artifacts import Artifact
from trace_assets.errors import StoreError
from trace_assets.reading import Member, Place, bytes_at, head, is_zip, open_members, open_plain


class Originals:
    """Reads records again from the raw files, cheapest in the order in which they stand there."""

    def __init__(self, raw: Artifact, hashes: Mapping[str, str]) -> None:
        self._raw = raw
        self._hashes = hashes
        """The sha256 of each file that the places lead into."""
        self._checked: set[str] = set()
        """Files whose bytes were compared with their hash. Records are read in random order."""
        self._open = ExitStack()
        self._file = ""
        self._plain: BinaryIO | None = None
        self._members: dict[str, Member] = {}
        """What is in the file, if it is a zip file, by the fragments of places."""

    def __enter__(self) -> "Originals":
        return self

    def __exit__(self, *error: object) -> None:
        self._open.close()

    def bytes_of(self, place: Place) -> bytes:
        """The bytes of the record at a place.

        Raises:
            StoreError: the raw file is not the one that the place was told of.
        """
        if self._plain is None or place.file != self._file:
            self._plain = self._reopened(place.file)
            is_archive = is_zip(head(self._plain, 4))
            members = open_members(self._plain) if is_archive else ()
            self._members = {member.name: member for member in members}
        member = self._members.get(place.fragment)
        return bytes_at(self._plain if member is None else member.again(), place)

    def _reopened(self, file: str) -> BinaryIO:
        self._open.close()
        manifest = self._raw.expect()
        found = {stored.name: stored.sha256 for stored in manifest.files}.get(file)
        if found != self._hashes[file]:
            raise StoreError(
                f"{self._raw.store.uri(self._raw.prefix)}: {file} has the sha256 {found}, and the "
                f"traces were converted from {self._hashes[file]}: the raw logs were replaced "
                "since; run converted_traces again"
            )
        if file not in self._checked:
            self._raw.check(file, manifest)
            self._checked.add(file)
        self._file = file
        return open_plain(self._open.enter_context(self._raw.open(file, manifest)))
