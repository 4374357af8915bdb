"""Runs of LangSmith as spans of a trace."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, cast

from trace_assets import spans
from trace_assets.reading.embedded import embedded_json
from trace_assets.reading.inside import inside
from trace_assets.spans import ModelCall, Span, ToolCall, take_dict, take_id, take_text, take_time
from trace_assets.trace import build

_COUNTS = ("prompt_tokens", "completion_tokens", "total_tokens")


class Run(NamedTuple):
    """A run as a span, and what it was given and made."""

    span: Span
    given: Any
    made: Any


def from_table(run: dict[str, Any]) -> dict[str, Any]:
    """A run from the row of a table, whose cells are all text; other runs as they are.

    >>> from_table({"run_type": "llm", "prompt_tokens": "50", "tags": '["a"]', "error": ""})
    {'run_type': 'llm', 'prompt_tokens': 50, 'tags': ['a']}
    """
    if not all(isinstance(cell, str) for cell in run.values()):
        return run
    return {key: _cell(key, cell) for key, cell in run.items() if cell}


def _cell(key: str, text: str) -> Any:
    if key in _COUNTS and text.isascii() and text.isdecimal() and len(text) < _LONGEST_COUNT:
        return int(text)
    return text if (held := inside(text)) is None else held


_LONGEST_COUNT = 16


# --- which runs there are --------------------------------------------------------------------


def trace_of(run: dict[str, Any]) -> str | None:
    """The id of a run's trace: its own word, that of its order, or its own id at the root."""
    first = (_order(run) or [None])[0]
    own = spans.take_id({"id": run.get("trace_id")}, "id")
    is_root = not run.get("parent_run_id") and "run_type" in run
    return own or first or (spans.take_id({"id": run.get("id")}, "id") if is_root else None)


def _order(run: dict[str, Any]) -> list[str]:
    """The ids of a run's ancestors and of itself, outermost first.

    >>> _order({"dotted_order": "20260102T030405000001Za-1.20260102T030406000001Zb-2"})
    ['a-1', 'b-2']
    """
    order = run.get("dotted_order")
    if not isinstance(order, str):
        return []
    return [each.partition("Z")[2] for each in order.split(".")]


def flat(records: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """All runs, those inside others too, with what is said of one run in several places joined."""
    found: list[dict[str, Any]] = []
    by_id: dict[str, int] = {}
    pending = [*records][::-1]
    while pending:
        run = dict(pending.pop())
        own_id = _with_ids(run)
        pending += [*_children(run, own_id)][::-1]
        if own_id is None or own_id not in by_id:
            by_id |= {} if own_id is None else {own_id: len(found)}
            found.append(run)
        else:
            found[by_id[own_id]] = _joined(found[by_id[own_id]], run)
    return found


def _with_ids(run: dict[str, Any]) -> str | None:
    """Give a run the ids that only its order has."""
    order = _order(run)
    own_id = spans.take_id(run, "id") or (order[-1] if order else None)
    parent = spans.take_id(run, "parent_run_id") or (order[-2] if len(order) > 1 else None)
    run |= {"id": own_id} if own_id else {}
    run |= {"parent_run_id": parent} if parent else {}
    return own_id


def _children(run: dict[str, Any], own_id: str | None) -> list[dict[str, Any]]:
    """Take out the runs inside a run."""
    match run.get("child_runs"):
        case [*runs] if all(isinstance(each, dict) for each in runs):
            del run["child_runs"]
            parent = {"parent_run_id": own_id} if own_id else {}
            return [parent | each for each in cast("list[dict[str, Any]]", runs)]
        case None:
            run.pop("child_runs", None)
        case _:
            pass
    return []


def _joined(first: dict[str, Any], later: dict[str, Any]) -> dict[str, Any]:
    """What a run's later entry adds; where it says otherwise, what was said first is kept."""
    together = dict(first)
    for key, value in later.items():
        known = first.get(key)
        if _is_empty(value) and not _is_empty(known):
            continue
        if not _is_empty(known) and known != value:
            together = build.joined(together, {key: known}, prefix="earlier_")
        together[key] = value
    return together


def _is_empty(value: Any) -> bool:
    return value is None or value in ("", {}, [])


# --- runs as spans ---------------------------------------------------------------------------


def run_of(run: dict[str, Any], trace_id: str) -> Run:
    """One run. The dict is used up: what is left in it is the residue."""
    own_id, parent = take_id(run, "id"), take_id(run, "parent_run_id")
    if run.get("trace_id") in (trace_id, None):
        run.pop("trace_id", None)
    if "session_id" in run and "project_id" not in run:
        run["project_id"] = run.pop("session_id")  # a project, which groups nothing
    kind, name = take_text(run, "run_type"), take_text(run, "name")
    start, end = take_time(run, "start_time"), take_time(run, "end_time")
    given, made = _decoded(run.pop("inputs", None)), _decoded(run.pop("outputs", None))
    error = _error(run)
    call = _call(kind, name, run, given=given, made=made)
    if call is None:
        told = {"inputs": given, "outputs": made}
        run = build.joined({k: v for k, v in told.items() if v is not None}, run, prefix="run_")
    span = Span(
        id=own_id,
        name=name or kind or "run",
        parent_id=parent,
        span_type=kind if not isinstance(call, ToolCall) else None,
        start=start,
        end=end,
        error=error,
        call=call,
        metadata=run,
    )
    return Run(span, given, made)


def _decoded(value: Any) -> Any:
    """Inputs and outputs: a bulk export has them as JSON in text."""
    if not isinstance(value, str) or not value.startswith(("{", "[")):
        return value
    return embedded_json(value, default=value)


def _error(run: dict[str, Any]) -> str | None:
    match run.pop("error", None):
        case None | "":
            return None
        case str() as text:
            return text
        case other:
            return build.json_text(other)


def _call(
    kind: str | None, name: str | None, run: dict[str, Any], *, given: Any, made: Any
) -> ModelCall | ToolCall | None:
    match kind:
        case "llm" | "chat_model":
            return _model(run, given, made)
        case "tool" if name:
            return _tool(name, run, given, made)
        case _:
            return None


def _tool(name: str, run: dict[str, Any], given: Any, made: Any) -> ToolCall:
    answer = spans.answer(made)
    match given:
        case {"input": str() as arguments, **rest} if not rest:
            pass
        case {"input": {**arguments}, **rest} if not rest:
            pass
        case _:
            arguments = given
    match run:
        case {"extra": {"tool_call_id": str() as call_id}} if answer.call_id is None:
            pass
        case _:
            call_id = answer.call_id
    return ToolCall(
        name=name,
        original_call_id=call_id,
        arguments=arguments,
        result=None if answer.result == {} else answer.result,
        error=answer.error,
        rest=answer.rest,
    )


def _model(run: dict[str, Any], given: Any, made: Any) -> ModelCall:
    asked, said = spans.opened(given or None, "user"), spans.opened(made or None, "assistant")
    request = dict(asked.rest) if asked else {}
    response = dict(said.rest) if said else {}
    usage = _usage(run, response) or _usage_within(made)
    tools, model = _tools(run, request), _model_name(run, request, response, made)
    rest = {"request": request, "response": response}
    return ModelCall(
        model=model,
        inputs=asked.messages if asked else [given],
        outputs=said.messages if said else [made],
        usage=usage,
        tools=tools,
        rest={key: value for key, value in rest.items() if value} or None,
    )


def _usage(run: dict[str, Any], response: dict[str, Any]) -> dict[str, Any] | None:
    """Take the token counts: those of the run itself, else those of what the model returned."""
    if type(run.get("prompt_tokens")) is int and type(run.get("completion_tokens")) is int:
        return {key: run.pop(key) for key in _COUNTS if key in run}
    for key in ("usage_metadata", "usage"):
        if found := take_dict(response, key):
            return found
    match response:
        case {"llm_output": {"token_usage": {"prompt_tokens": int(), **_rest} as usage}}:
            return dict(cast("dict[str, Any]", usage))
        case _:
            pass
    match run:
        case {"extra": {"metadata": {"usage_metadata": {**usage}}}}:
            return usage or None
        case _:
            return None


def _usage_within(made: Any) -> dict[str, Any] | None:
    """The token counts of LangChain, which stand in the message; they stay there too."""
    match made:
        case {"generations": [[{"message": {**message}}]]} | {
            "generations": [{"message": {**message}}]
        }:
            pass
        case {"output": {**message}}:
            pass
        case {**message}:
            pass
        case _:
            return None
    match message:
        case {"kwargs": {"usage_metadata": {**usage}}} | {"data": {"usage_metadata": {**usage}}}:
            return usage or None
        case {"usage_metadata": {**usage}} | {"usage": {**usage}}:
            return usage or None
        case _:
            return None


def _tools(run: dict[str, Any], request: dict[str, Any]) -> Sequence[Any]:
    """The tools on offer. They are taken out of the request, and stay where else they are."""
    if isinstance(request.get("tools"), list):
        return request.pop("tools")
    match run:
        case {"extra": {"invocation_params": {"tools": [*tools]}}}:
            return tools
        case _:
            return ()


def _model_name(
    run: dict[str, Any], request: dict[str, Any], response: dict[str, Any], made: Any
) -> str | None:
    """The model that answered, else the one that was asked for."""
    match made:
        case {"role": _, "model": str() as answered} if answered:
            return answered
        case {"llm_output": {"model_name": str() as answered}} if answered:
            return answered
        case _ if answered := take_text(response, "model"):
            return answered
        case _:
            pass
    match run:
        case {"extra": {"metadata": {"ls_model_name": str() as name}}} if name:
            return name
        case {"extra": {"invocation_params": {"model": str() as name}}} if name:
            return name
        case {"extra": {"invocation_params": {"model_name": str() as name}}} if name:
            return name
        case _:
            return take_text(request, "model")
