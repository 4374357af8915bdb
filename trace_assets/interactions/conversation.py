"""Steps of a trace without spans: one for each message of the model and each tool call.

What is said to the model is the input of the step that answers it: the messages since the step
before. What nobody answers, such as the last words of a user, is a step by itself, so that every
item is in the `raw` of exactly one step. The items before the first user message belong to the
first turn.
"""

from collections.abc import Sequence
from typing import Any

from trace_assets.interactions.messages import (
    Item,
    message_of,
    messages_of,
    parsed,
    provider_of,
    usage_of,
)
from trace_assets.interactions.sketch import Outcome, Sketch, present
from trace_assets.interactions.times import between


def steps_of_items(
    items: Sequence[Item], *, model: str | None, tools: Sequence[str] = ()
) -> list[Sketch]:
    """The steps of a conversation in its order.

    `model` and the names of the `tools` hold for the whole trace.
    """
    conversation = _Conversation(items, model, tools)
    for item in items:
        conversation.add(item)
    conversation.close()
    return conversation.steps


class _Conversation:
    """The steps so far, and what was said since the last of them."""

    def __init__(self, items: Sequence[Item], model: str | None, tools: Sequence[str]) -> None:
        self.steps: list[Sketch] = []
        self._model = model
        self._tools = [*tools]
        self._turn = -1
        self._heard: list[Item] = []
        """What the next message of the model answers."""
        self._homeless: list[Item] = []
        """Those of them that are in no step yet."""
        self._outputs = {
            item["call_id"]: item for item in reversed(items) if _is(item, "function_call_output")
        }
        self._answered = {item["call_id"] for item in items if _is(item, "function_call")}

    def add(self, item: Item) -> None:
        match item:
            case {"type": "message", "role": "assistant"} | {"type": "custom_task_output_message"}:
                self._say(item)
            case {"type": "function_call"}:
                self._call(item)
            case {"type": "function_call_output", "call_id": call_id}:
                self._heard.append(item)
                if call_id not in self._answered or self._outputs[call_id] is not item:
                    self._keep(_tool_step(None, item))
            case {"type": "message", "role": "user"}:
                if self._turn >= 0:  # the preamble is heard in the first turn
                    self.close()
                self._turn += 1
                self._hear(item)
            case _:
                self._hear(item)

    def close(self) -> None:
        """Make a step of what nobody answered."""
        if self._homeless:
            heard = self._homeless
            said = messages_of(heard)
            self._keep(
                Sketch(
                    original_id=_id_of(heard[-1]),
                    kind="other",
                    name=said[-1].role if said else None,
                    status="unknown",
                    raw={"inputs": heard},
                    start=heard[-1].get("timestamp"),
                    input_data=said[-1].content if said else None,
                    input_messages=said,
                )
            )
            self._heard, self._homeless = [], []

    def _hear(self, item: Item) -> None:
        self._heard.append(item)
        self._homeless.append(item)

    def _say(self, item: Item) -> None:
        heard = messages_of(self._heard)
        said = message_of(item)
        own_model = item.get("model")
        step = Sketch(
            original_id=_id_of(item),
            kind="llm",
            name="assistant",
            status=_status(item),
            raw=present(inputs=self._homeless or None) | {"message": item},
            start=item.get("timestamp"),
            heard=_first_time(self._homeless),
            input_data=heard[-1].content if heard else None,
            output_data=said.content,
            metadata=_facts(item) | present(tools=self._tools or None),
            tags=item.get("tags"),
            model=own_model if isinstance(own_model, str) and own_model else self._model,
            provider=provider_of(item),
            usage=usage_of(item.get("usage")),
            input_messages=heard,
            output_messages=[said],
        )
        self._keep(step)
        self._heard, self._homeless = [], []

    def _call(self, item: Item) -> None:
        self._keep(_tool_step(item, self._outputs.get(item["call_id"])))

    def _keep(self, step: Sketch) -> None:
        step.turn = max(self._turn, 0)
        self.steps.append(step)


def _first_time(items: Sequence[Item]) -> Any:
    stamps = (item.get("timestamp") for item in items)
    return next((stamp for stamp in stamps if stamp is not None), None)


def _tool_step(call: Item | None, output: Item | None) -> Sketch:
    """A call with its output; either may be missing."""
    first = call or output or {}
    start = first.get("timestamp")
    end = output.get("timestamp") if call and output else None
    return Sketch(
        original_id=_id_of(first),
        kind="tool",
        name=_tool_name(first),
        status=_status(output) if output else "incomplete",
        raw=present(call=call, output=output),
        start=start,
        duration_ns=between(start, end),
        input_data=parsed(call["arguments"]) if call else None,
        output_data=parsed(output["output"]) if output else None,
        metadata=present(call_id=first.get("call_id"), original_call_id=_original(first))
        | _facts(first),
        tags=first.get("tags"),
    )


def _tool_name(item: Item) -> str | None:
    """The name of a tool; an output without a call may have one, too."""
    name = item.get("name")
    return name if isinstance(name, str) and name else None


def _facts(item: Item) -> dict[str, Any]:
    """What a step has no field for: the counts of other tokens, and money."""
    return present(
        usage=item.get("usage"), cost=item.get("cost"), created_by=item.get("created_by")
    )


def _original(item: Item) -> Any:
    return item.get("original_call_id")


def _status(item: Item) -> Outcome:
    match item:
        case {"type": "function_call_output", "status": "incomplete"}:
            return "error"  # that of a failed call
        case {"status": "completed"} | {"type": "custom_task_output_message"}:
            return "ok"
        case _:
            return "incomplete"


def _id_of(item: Item) -> str:
    own = item.get("id")
    return own if isinstance(own, str) else ""


def _is(item: Item, kind: str) -> bool:
    return item.get("type") == kind
