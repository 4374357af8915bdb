"""Questions about a conversation that its items alone can answer.

They look at `type` and `role`, never at classes, so that anything with `items` can answer them.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from trace_assets.errors import InvalidTraceError

if TYPE_CHECKING:
    from trace_assets.trace.content import ContentPart, OutputPart
    from trace_assets.trace.items import (
        AssistantMessage,
        CallPair,
        FunctionCall,
        FunctionCallOutput,
        SystemMessage,
        TraceItem,
        UserMessage,
    )


@dataclass(frozen=True, slots=True)
class Turn:
    """A user message and all that follows it until the next one."""

    user_message: "UserMessage"
    assistant_items: "list[TraceItem]"
    """Everything after the user message, whoever it is from."""

    @property
    def assistant_messages(self) -> "list[AssistantMessage]":
        """What the agent said in this turn."""
        return _assistant_messages(self.assistant_items)

    @property
    def function_calls(self) -> "list[FunctionCall]":
        """The calls of this turn."""
        return _function_calls(self.assistant_items)

    @property
    def function_outputs(self) -> "list[FunctionCallOutput]":
        """The outputs that came in this turn."""
        return _function_outputs(self.assistant_items)

    @property
    def function_call_pairs(self) -> "list[CallPair]":
        """Each call with its output, or with None if that did not come in this same turn."""
        return _pairs(self.assistant_items)


class Conversation:
    """The lookups. All but `user_messages` and `preamble` leave the preamble out."""

    __slots__ = ()

    if TYPE_CHECKING:
        items: list[TraceItem]

    @property
    def turns(self) -> list[Turn]:
        """One turn per user message; empty if there is none."""
        turns: list[Turn] = []
        for item in self.conversation_items:
            if item.type == "message" and item.role == "user":
                turns.append(Turn(item, []))
            else:
                turns[-1].assistant_items.append(item)
        return turns

    @property
    def preamble(self) -> "list[TraceItem]":
        """The items before the first user message; all of them if there is none."""
        return self.items[: self._start()]

    @property
    def conversation_items(self) -> "list[TraceItem]":
        """The items from the first user message on."""
        return self.items[self._start() :]

    @property
    def system_messages(self) -> "list[SystemMessage]":
        """The system messages of the preamble."""
        return [item for item in self.preamble if item.type == "message" and item.role == "system"]

    @property
    def user_messages(self) -> "list[UserMessage]":
        """What the user said."""
        return [item for item in self.items if item.type == "message" and item.role == "user"]

    @property
    def assistant_messages(self) -> "list[AssistantMessage]":
        """What the agent said."""
        return _assistant_messages(self.conversation_items)

    @property
    def function_calls(self) -> "list[FunctionCall]":
        """All calls, in order."""
        return _function_calls(self.conversation_items)

    @property
    def function_outputs(self) -> "list[FunctionCallOutput]":
        """All outputs, in order."""
        return _function_outputs(self.conversation_items)

    def get_function_calls_by_name(self, name: str) -> "list[FunctionCall]":
        """Return the calls of one function."""
        return [call for call in self.function_calls if call.name == name]

    def get_function_output_for_call(self, call_id: str) -> "FunctionCallOutput | None":
        """Return the first output of a call, or None."""
        return next((out for out in self.function_outputs if out.call_id == call_id), None)

    def get_function_call_pairs(self) -> "list[CallPair]":
        """Return each call with its output, the last one where there are several, or with None."""
        return _pairs(self.conversation_items)

    def get_last_assistant_text(self) -> str | None:
        """Return what the agent said last, reasoning and summaries included."""
        messages = self.assistant_messages
        return _text(messages[-1].content) if messages else None

    def get_last_user_text(self) -> str | None:
        """Return what the user said last."""
        messages = self.user_messages
        return _text(messages[-1].content) if messages else None

    def get_first_system_prompt(self) -> str | None:
        """Return the first system message of the preamble; a developer message is none."""
        messages = self.system_messages
        return _text(messages[0].content) if messages else None

    def get_function_call_arguments(self, call: "FunctionCall") -> dict[str, Any]:
        """Parse the arguments of a call.

        Raises:
            InvalidTraceError: they are not JSON, or not an object.
        """
        where = f"arguments of call {call.call_id!r} to {call.name}"
        try:
            arguments = json.loads(call.arguments)
        except (ValueError, RecursionError) as error:
            raise InvalidTraceError([f"{where}: not JSON: {error}"]) from error
        if not isinstance(arguments, dict):
            found = type(arguments).__name__
            raise InvalidTraceError([f"{where}: expected a JSON object, found a {found}"])
        return cast("dict[str, Any]", arguments)

    def get_function_output_text(self, output: "FunctionCallOutput") -> str:
        """Return the text of an output; images and files have none."""
        return output.output if isinstance(output.output, str) else _text(output.output)

    def _start(self) -> int:
        for index, item in enumerate(self.items):
            if item.type == "message" and item.role == "user":
                return index
        return len(self.items)


def _assistant_messages(items: "list[TraceItem]") -> "list[AssistantMessage]":
    return [item for item in items if item.type == "message" and item.role == "assistant"]


def _function_calls(items: "list[TraceItem]") -> "list[FunctionCall]":
    return [item for item in items if item.type == "function_call"]


def _function_outputs(items: "list[TraceItem]") -> "list[FunctionCallOutput]":
    return [item for item in items if item.type == "function_call_output"]


def _pairs(items: "list[TraceItem]") -> "list[CallPair]":
    outputs = {output.call_id: output for output in _function_outputs(items)}
    return [(call, outputs.get(call.call_id)) for call in _function_calls(items)]


def _text(parts: "Sequence[ContentPart | OutputPart]") -> str:
    texts: list[str] = []
    for part in parts:
        match part.type:
            case "refusal":
                texts.append(part.refusal)
            case "input_image" | "input_file" | "input_video":
                pass
            case _:
                texts.append(part.text)
    return "\n".join(texts)
