"""Conversations as examples: what a model is asked, and the answer it should learn.

With `convert_to_single_turn` each answer of the assistant is the label of an example, with all
messages before it; without, a whole conversation is one example, all answers its label. An answer
can be a label if the task has a form for it: text tasks for text, tool tasks for calls.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import msgspec

from trace_assets.training.conversation import Conversation, Message
from trace_assets.training.recipe import TOOL_TASKS, Recipe


class Example(msgspec.Struct):
    """One question with its answer, in messages."""

    example_id: str
    trace_id: str
    turn: int | None
    """The user's turn that it answers, from 0; None for a whole conversation."""
    messages: list[Message]
    """Up to the label; all of a whole conversation."""
    label: Message | list[Message]
    tools: list[dict[str, Any]]


class Label(msgspec.Struct, omit_defaults=True):
    """The answer of one example, as it goes into the training set."""

    at: int | None
    """Which message of the conversation it takes the place of; None: all of the assistant's."""
    turn: int | None
    label: Message | list[Message]
    is_original: bool = True
    why: str = ""
    """Why it is what it is."""
    votes: Any = None


class Labelled(msgspec.Struct):
    """A conversation with the labels of its examples."""

    conversation: Conversation
    labels: list[Label]
    passed_over: dict[str, int]
    """Answers that are no label, by reason."""


def labels_of(conversation: Conversation, recipe: Recipe) -> Labelled:
    """The original labels of a conversation."""
    answers = list(_answers(conversation.messages))
    copied = frozenset(conversation.copied)
    reasons = [
        "copied_context" if at in copied else _why_no_label(message, recipe)
        for at, _, message in answers
    ]
    passed_over = Counter(reason for reason in reasons if reason)
    fit = [answer for answer, reason in zip(answers, reasons, strict=True) if not reason]
    if recipe.config.trace_processing.convert_to_single_turn:
        labels = [Label(at, turn, message) for at, turn, message in fit]
    else:
        whole = [message for _, _, message in answers]
        labels = [Label(None, None, whole)] if fit else []
    return Labelled(conversation, labels, dict(sorted(passed_over.items())))


def examples_of(labelled: Labelled, recipe: Recipe) -> Iterator[Example]:
    """The examples of a conversation, one for each label."""
    conversation = labelled.conversation
    given = list(recipe.job_description.tools or ()) or conversation.tools or []
    for label in labelled.labels:
        where = "whole" if label.at is None else str(label.at)
        yield Example(
            example_id=f"{conversation.trace_id}:{where}",
            trace_id=conversation.trace_id,
            turn=label.turn,
            messages=conversation.messages[: label.at],
            label=label.label,
            tools=given,
        )


def _answers(messages: list[Message]) -> Iterator[tuple[int, int, Message]]:
    """Each message of the assistant behind the first of the user: place, turn, message."""
    turn = -1
    for at, message in enumerate(messages):
        if message["role"] == "user":
            turn += 1
        elif message["role"] == "assistant" and turn >= 0:
            yield at, turn, message


def _why_no_label(message: Message, recipe: Recipe) -> str:
    has_calls = bool(message.get("tool_calls"))
    if recipe.task in TOOL_TASKS:
        return "" if has_calls else "no_tool_call"
    return "tool_call" if has_calls else ""
