"""Small traces to test with: as a converter writes them."""

from typing import Any

from trace_assets.convert import Row
from trace_assets.reading import Place
from trace_assets.trace import build


def said(role: str, text: str, **rest: Any) -> dict[str, Any]:
    return build.message("", role, [build.text_part(role, text)] if text else [], rest)


def call(call_id: str, **rest: Any) -> dict[str, Any]:
    return build.function_call(
        "", call_id, name="look", arguments="{}", original_call_id=call_id, rest=rest
    )


def output(call_id: str, *, is_error: bool = False, **rest: Any) -> dict[str, Any]:
    return build.function_call_output(
        "", call_id, output="seen", is_error=is_error, original_call_id=call_id, rest=rest
    )


def trace_of(
    *items: dict[str, Any], events: list[Any] | None = None, **metadata: Any
) -> dict[str, Any]:
    """A trace whose items are numbered, unless they bring an id."""
    numbered = [{**item, "id": item["id"] or f"t:{n}"} for n, item in enumerate(items)]
    trace = {
        "FORMAT": "open_responses",
        "items": numbered,
        "metadata": {"trace_id": "t", **metadata},
    }
    return trace if events is None else {**trace, "events": events}


def row_of(trace: dict[str, Any]) -> Row:
    trace["metadata"]["source_uri"] = "log.json#0"
    place = Place("log.json", 0, 0, 2, "0")
    return Row(trace, place, "tau2bench", "0" * 64, {"task_id": "1", "domain": None}, b"{}")
