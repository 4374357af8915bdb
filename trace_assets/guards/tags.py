"""The tags that the guards give a trace, with what each says."""

from collections.abc import Callable
from typing import NamedTuple

from trace_assets.guards import structure
from trace_assets.guards.structure import Outline


class Sign(NamedTuple):
    """A tag that the items of a trace decide on."""

    tag: str
    description: str
    check: Callable[[Outline], bool]


def _sign(tag: str, check: Callable[[Outline], bool]) -> Sign:
    return Sign(tag, (check.__doc__ or "").partition("\n")[0], check)


SIGNS = (
    _sign("no_words", structure.no_message_has_words),
    _sign("content_not_recorded", structure.content_is_a_placeholder),
    _sign("empty_message", structure.a_message_is_empty),
    _sign("unread_content", structure.a_message_is_unread),
    _sign("repeated_message", structure.same_text_twice),
    _sign("repeated_passage", structure.same_passage_twice),
    _sign("repeated_call", structure.one_id_with_two_calls),
    _sign("user_message_is_data", structure.the_user_says_data),
    _sign("answer_is_tool_output", structure.the_answer_is_an_output),
    _sign("starts_with_tool_result", structure.begins_with_an_output),
    _sign("branch_with_calls", structure.a_branch_has_calls),
    _sign("few_answers", structure.few_answers_for_model_calls),
)
"""The signs, in the order of their tags."""

UNREAD_TEXT = "unread_text"
UNKNOWN_KIND = "unknown_kind"
INCOMPLETE = "incomplete_conversation"

OTHER_TAGS = {
    UNREAD_TEXT: "Much of the prose of the records is not in the items; "
    "`metadata.extra.unread_text` has the first pointers.",
    UNKNOWN_KIND: "The records have kinds that the format does not know; "
    "`metadata.extra.unknown_kinds` has them with their counts.",
    INCOMPLETE: "A record of the conversation could not be read and is in quarantine; "
    "`metadata.extra.missing_records` names it.",
}
"""The tags that the records decide on, with what each says."""
