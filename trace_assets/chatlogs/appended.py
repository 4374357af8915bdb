"""The conversation of requests that contain only what is new, because the server keeps the rest."""

from collections.abc import Iterable, Sequence

from trace_assets import chat
from trace_assets.chat import Answered, Called, Piece, Said
from trace_assets.chat.fingerprint import fingerprint
from trace_assets.chatlogs.exchange import Exchange


def append(exchanges: Sequence[Exchange], inherited: Iterable[Exchange] = ()) -> chat.Folded:
    """Append exchanges to one another.

    Two equal texts are two messages. Instructions are sent again with each request and are kept
    where they change. A call or an output whose id is known is a repetition.

    Args:
        exchanges: the calls of the conversation, in order.
        inherited: the exchanges before them, which belong to another conversation.
    """
    appender = _Appender()
    for exchange in inherited:
        appender.add_all(exchange.given)
        appender.add_all(exchange.made)
    appender.repeated = 0
    calls = [
        chat.FoldedCall(appender.add_all(each.given), appender.add_all(each.made))
        for each in exchanges
    ]
    return chat.Folded(appender.pieces, calls, appender.repeated)


class _Appender:
    def __init__(self) -> None:
        self.pieces: list[Piece] = []
        self.repeated = 0
        self._instructions: list[bytes] = []
        self._ids: set[tuple[type, str]] = set()

    def add_all(self, pieces: Sequence[Piece]) -> list[int]:
        """Add the pieces of one request or response, and return the indices of the new ones."""
        size = _instructions(pieces)
        prints = [fingerprint(piece) for piece in pieces[:size]]
        if size and prints == self._instructions:
            pieces = pieces[size:]
            self.repeated += size
        elif size:
            self._instructions = prints
        begin = len(self.pieces)
        for piece in pieces:
            if self._is_known(piece):
                self.repeated += 1
            else:
                self.pieces.append(piece)
        return [*range(begin, len(self.pieces))]

    def _is_known(self, piece: Piece) -> bool:
        match piece:
            case Called(original_id=str(own)) | Answered(original_id=str(own)) if own:
                key = type(piece), own
            case _:
                return False
        if key in self._ids:
            return True
        self._ids.add(key)
        return False


def _instructions(pieces: Sequence[Piece]) -> int:
    """How many pieces at the beginning are instructions."""
    for place, piece in enumerate(pieces):
        match piece:
            case Said("system" | "developer"):
                pass
            case _:
                return place
    return len(pieces)
