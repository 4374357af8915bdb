"""A conversation as one line of `traces.jsonl`, in the form that `observation_format` names."""

import json
from typing import Any

from trace_assets.training.conversation import Conversation, Message
from trace_assets.training.recipe import TOOL_TASKS, Recipe
from trace_assets.training.text import arguments_of


def upload_line(conversation: Conversation, recipe: Recipe) -> bytes:
    """The line; ASCII, ends in a newline."""
    if recipe.config.trace_processing.observation_format == "langfuse":
        value = _langfuse(conversation, recipe)
    else:
        value = _openai_messages(conversation, recipe)
    return json.dumps(value).encode() + b"\n"


def length_of(conversation: Conversation) -> int:
    """The characters of all texts and calls."""
    texts = [each["content"] or "" for each in conversation.messages]
    calls = [call for each in conversation.messages for call in each.get("tool_calls", ())]
    called = [call["function"]["name"] + call["function"]["arguments"] for call in calls]
    return sum(map(len, [*texts, *called]))


def _openai_messages(conversation: Conversation, recipe: Recipe) -> dict[str, Any]:
    value: dict[str, Any] = {"messages": conversation.messages}
    if tools := _tools(conversation, recipe):
        value["tools"] = tools
    if conversation.response_format:
        value["response_format"] = conversation.response_format
    return value


def _langfuse(conversation: Conversation, recipe: Recipe) -> dict[str, Any]:
    """An observation: everything up to the last answer, and that answer."""
    messages = conversation.messages
    last = max(n for n, each in enumerate(messages) if each["role"] == "assistant")
    answer, before = messages[last], messages[:last]
    if answer.get("tool_calls") and answer["content"]:
        # An output of calls has no place for words; they came before the calls.
        before = [*before, {"role": "assistant", "content": answer["content"]}]
    value: dict[str, Any] = {"id": conversation.trace_id, "input": before}
    value["output"] = _output(answer)
    metadata: dict[str, Any] = {}
    if tools := _tools(conversation, recipe):
        metadata["tools"] = [json.dumps(tool) for tool in tools]
    if after := messages[last + 1 :]:
        metadata["after_output"] = after
    return {**value, "metadata": metadata} if metadata else value


def _output(message: Message) -> Any:
    """Calls are a list, text an object: both shapes are documented, each for its own case."""
    calls = message.get("tool_calls")
    if not calls:
        return {"role": "assistant", "content": message["content"]}
    return [
        {
            "toolCallId": call["id"],
            "toolName": call["function"]["name"],
            "input": arguments_of(call["function"]),
        }
        for call in calls
    ]


def _tools(conversation: Conversation, recipe: Recipe) -> list[dict[str, Any]]:
    """What the log says of the agent's tools, else what the job says."""
    declared = recipe.job_description.tools if recipe.task in TOOL_TASKS else None
    return conversation.tools or list(declared or ())
