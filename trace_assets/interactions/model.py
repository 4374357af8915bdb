"""The records that annotation tools take: steps, in interactions, in groups.

The fields and their order are those of the contract. Written, every field is there, nulls
included. What the tool that reads them would drop without a word (unknown keys) or refuse (a tag
that is no text, null metadata) is refused here.
"""

from typing import Any

from pydantic import Field

from trace_assets.trace.values import Closed


class Message(Closed, frozen=True):
    """A message that a model was given or wrote.

    There is no other key: tool calls, which a reader would drop beside `content`, stand in it.
    """

    role: str
    content: Any
    """Text, or JSON of any shape where a message is more than text."""


class TokenUsage(Closed, frozen=True):
    """Tokens of one step; None where the log does not say, which is not 0."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    total_tokens: int | None = None


class InteractionStep(Closed, frozen=True):
    """One thing that was done: a call of a model or a tool, an agent at work, anything else."""

    id: str
    """Unique among the steps of all interactions."""

    parent_step_id: str | None = None
    interaction_id: str | None = None
    """A reader drops a step without one."""

    group_id: str | None = None
    name: str | None = None
    start_ns: int | None = None
    """Nanoseconds since 1970. A reader takes 0 for unknown, and puts unknown ones last."""

    duration_ns: int | None = None
    input_data: Any = None
    output_data: Any = None
    metadata: dict[str, Any] = Field(default_factory=dict[str, Any])
    raw: dict[str, Any] = Field(default_factory=dict[str, Any])
    """What the step is made from; `metadata.raw_from` says whether of the record or the trace."""

    tags: dict[str, str] | None = None
    model: str | None = None
    input_messages: list[Message] | None = None
    output_messages: list[Message] | None = None
    usage: TokenUsage | None = None
    provider: str | None = None


class Interaction(Closed, frozen=True):
    """Steps that belong together: a user's turn, or a whole trace."""

    id: str
    steps: list[InteractionStep]
    start_ns: int | None = None
    duration_ns: int | None = None
    """Wall time: from the first start to the last end, never the sum of the steps."""

    group_id: str | None = None
    name: str | None = None
    description: str | None = None
    tags: dict[str, Any] = Field(default_factory=dict[str, Any])


class InteractionGroup(Closed, frozen=True):
    """The interactions of one session, user or conversation."""

    id: str
    interactions: list[Interaction]
