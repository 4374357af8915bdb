"""Conversations that the server of the Responses API keeps.

Source: https://platform.openai.com/docs/guides/conversation-state.
"""

from collections.abc import Iterator, Sequence

from trace_assets.chatlogs.appended import append
from trace_assets.chatlogs.linking import Branch, Ids, branches
from trace_assets.chatlogs.made import in_time
from trace_assets.chatlogs.reads import Read, assembled
from trace_assets.formats import Assembled
from trace_assets.trace import build, marks


def linked(ids: Sequence[Ids]) -> set[int]:
    """The places of the records that follow a response, or whose response is followed."""
    followed = {each.previous for each in ids if each.previous is not None}
    return {
        place
        for place, each in enumerate(ids)
        if each.previous is not None or (each.own is not None and each.own in followed)
    }


def of_responses(
    reads: Sequence[Read], ids: Sequence[Ids], places: set[int]
) -> Iterator[Assembled]:
    """The conversations of requests that each name the response before."""
    own = [each if place in places else Ids() for place, each in enumerate(ids)]
    chosen = [reads[place] for place in sorted(places)]
    order = in_time(sorted(places), [read.exchange.said for read in chosen])
    for branch in branches(own, order):
        yield _branch(reads, branch, None, None)


def of_named_responses(
    reads: Sequence[Read], ids: Sequence[Ids], named: str, tags: Sequence[str]
) -> Iterator[Assembled]:
    """Build a conversation whose history the server keeps. A branch is another conversation."""
    found = [*branches(ids, range(len(reads)))]
    main = sorted(place for branch in found if not branch.inherited for place in branch.places)
    whole = Branch([], main, is_begun=not tags and all(each.is_begun for each in found))
    yield _branch(reads, whole, named, named)
    yield from (_branch(reads, each, None, named) for each in found if each.inherited)


def _branch(
    reads: Sequence[Read], branch: Branch, trace_id: str | None, named: str | None
) -> Assembled:
    members = [reads[place] for place in branch.places]
    folded = append(
        [read.exchange for read in members], [reads[place].exchange for place in branch.inherited]
    )
    tags = () if branch.is_begun else (marks.INCOMPLETE,)
    own = trace_id or build.record_id(members[0].record.raw)
    return assembled(members, own, named, folded=folded, tags=tags)
