"""Short ways to write the parts of a trace as decoded JSON."""

from typing import Any

Value = dict[str, Any]


def message(role: str, text: str, name: str | None = None, **keys: Any) -> Value:
    kind = "output_text" if role == "assistant" else "input_text"
    part: Value = {"type": kind, "text": text}
    if kind == "output_text":
        part["annotations"] = []
    return {
        "type": "message",
        "id": text if name is None else name,
        "status": "completed",
        "role": role,
        "content": [part],
        **keys,
    }


def user(text: str, **keys: Any) -> Value:
    return message("user", text, **keys)


def assistant(text: str, **keys: Any) -> Value:
    return message("assistant", text, **keys)


def system(text: str, **keys: Any) -> Value:
    return message("system", text, **keys)


def call(call_id: str, function: str = "look_up", arguments: str = "{}", **keys: Any) -> Value:
    return {
        "type": "function_call",
        "id": f"call of {call_id}",
        "call_id": call_id,
        "name": function,
        "arguments": arguments,
        "status": "completed",
        **keys,
    }


def output(call_id: str, result: Any = "found", **keys: Any) -> Value:
    return {
        "type": "function_call_output",
        "id": f"output of {call_id}",
        "call_id": call_id,
        "output": result,
        "status": "completed",
        **keys,
    }


def event(kind: str, event_id: str | None = None, **keys: Any) -> Value:
    return ({} if event_id is None else {"id": event_id}) | {"type": kind, **keys}


def said(item: Value, **keys: Any) -> Value:
    """A message event, named like the item."""
    return event("message_event", f"said {item['id']}", item=item, **keys)


def called(call_id: str, result: Any = "found", status: str = "completed", **keys: Any) -> Value:
    return event(
        "function_call_event",
        f"called {call_id}",
        call_id=call_id,
        function="look_up",
        arguments="{}",
        result=result,
        status=status,
        **keys,
    )


def asked(context: list[Value], answer: list[Value], **keys: Any) -> Value:
    """A model call."""
    return event("model_call_event", model="m", input_context=context, output_items=answer, **keys)


def begin(span: str, parent: str | None = None, **keys: Any) -> Value:
    inside = {} if parent is None else {"parent_span_id": parent}
    return (
        event("span_begin", f"begin {span}", span_id=span, name=f"name of {span}") | inside | keys
    )


def end(span: str, **keys: Any) -> Value:
    return event("span_end", f"end {span}", span_id=span, **keys)


def compaction(strategy: str) -> Value:
    return event("compaction", strategy, strategy=strategy)
