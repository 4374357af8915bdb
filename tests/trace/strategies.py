"""Traces as decoded JSON, of every kind there is, and the same with a defect put in."""

import copy
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

Value = dict[str, Any]

texts = st.text(max_size=8)
words = st.sampled_from(["a", "b", "c", ""])
names = st.one_of(words, texts)
integers = st.one_of(st.integers(-5, 10**6), st.just(10**20))
numbers = st.one_of(
    st.integers(0, 10**6), st.floats(allow_nan=False, allow_infinity=False, width=32)
)
statuses = st.sampled_from(["in_progress", "completed", "incomplete"])
roles = st.sampled_from(["user", "assistant", "system", "developer"])

scalars = st.one_of(st.none(), st.booleans(), integers, numbers, texts)
json_values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=5,
)
json_objects = st.dictionaries(texts, json_values, max_size=3)
extras = st.dictionaries(
    st.sampled_from(["created_by", "timestamp", "usage", "error", "name", "x"]),
    json_values,
    max_size=2,
)


def _brief(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """The same strategy, without its whole family tree when Hypothesis prints it."""

    @st.composite
    def drawn(draw: st.DrawFn) -> Any:
        return draw(strategy)

    return drawn()


def _maybe(**optional: st.SearchStrategy[Any]) -> st.SearchStrategy[Value]:
    return st.fixed_dictionaries({}, optional=optional)


def _open(
    required: dict[str, st.SearchStrategy[Any]], **optional: st.SearchStrategy[Any]
) -> st.SearchStrategy[Value]:
    """What takes unknown keys."""
    return st.builds(
        lambda known, unknown: known | {k: v for k, v in unknown.items() if k not in known},
        st.fixed_dictionaries(required, optional=optional),
        extras,
    )


@st.composite
def timestamps(draw: st.DrawFn, zones: tuple[str, ...] = ("Z", "+02:00", "-11:30")) -> str:
    moment = draw(st.datetimes()).isoformat(draw(st.sampled_from(["T", " "])), "seconds")
    fraction = draw(st.sampled_from(["", ".5", ".123456", ".123456789"]))
    return moment + fraction + draw(st.sampled_from(zones))


any_timestamps = timestamps(("", "Z", "+02:00"))


def _text_part(kind: str) -> st.SearchStrategy[Value]:
    return _open({"type": st.just(kind), "text": texts})


input_texts = _text_part("input_text")
input_images = _open(
    {"type": st.just("input_image"), "detail": st.sampled_from(["low", "high", "auto"])},
    image_url=texts,
)
input_files = _open({"type": st.just("input_file")}, filename=texts, file_url=texts)
annotations = st.one_of(
    _open(
        {
            "type": st.just("url_citation"),
            "url": texts,
            "start_index": integers,
            "end_index": integers,
            "title": texts,
        }
    ),
    _open({"type": st.just("text_citation"), "content": texts}),
)
_token: dict[str, st.SearchStrategy[Any]] = {
    "token": texts,
    "logprob": numbers,
    "bytes": st.lists(integers, max_size=2),
}
log_probs = _open({**_token, "top_logprobs": st.lists(_open(_token), max_size=2)})
output_texts = _open(
    {
        "type": st.just("output_text"),
        "text": texts,
        "annotations": st.lists(annotations, max_size=2),
    },
    logprobs=st.lists(log_probs, max_size=1),
)
parts = _brief(
    st.one_of(
        input_texts,
        output_texts,
        _text_part("text"),
        _text_part("summary_text"),
        _text_part("reasoning_text"),
        _open({"type": st.just("refusal"), "refusal": texts}),
        input_images,
        input_files,
        _open({"type": st.just("input_video"), "video_url": texts}),
    )
)
results = st.one_of(texts, st.lists(st.one_of(input_texts, input_images, input_files), max_size=2))

messages = _open(
    {
        "type": st.just("message"),
        "id": names,
        "status": statuses,
        "role": roles,
        "content": st.lists(parts, max_size=3),
    }
)
calls = _open(
    {
        "type": st.just("function_call"),
        "id": names,
        "call_id": words,
        "name": words,
        "arguments": st.one_of(texts, st.just('{"a": 1}')),
        "status": statuses,
    }
)
outputs = _open(
    {
        "type": st.just("function_call_output"),
        "id": names,
        "call_id": words,
        "output": results,
        "status": statuses,
    }
)
custom_items = _open(
    {
        "type": st.sampled_from(["custom_task_input_message", "custom_task_output_message"]),
        "content": json_values,
    }
)
items = _brief(st.one_of(messages, calls, outputs, custom_items))


def _event(
    kind: str, required: dict[str, st.SearchStrategy[Any]], **optional: st.SearchStrategy[Any]
) -> st.SearchStrategy[Value]:
    common: dict[str, st.SearchStrategy[Any]] = {
        "span_id": words,
        "timestamp": any_timestamps,
        "metadata": json_objects,
    }
    return st.fixed_dictionaries(
        {"id": names, "type": st.just(kind), **required},
        optional={k: v for k, v in common.items() if k not in required} | optional,
    )


events = _brief(
    st.one_of(
        _event("message_event", {"item": st.one_of(messages, custom_items)}, model_call_id=words),
        _event(
            "function_call_event",
            {
                "call_id": words,
                "function": words,
                "arguments": texts,
                "result": results,
                "status": statuses,
            },
            working_time=numbers,
            error=texts,
            agent=texts,
            agent_span_id=words,
            model_call_id=words,
        ),
        _event(
            "model_call_event",
            {
                "model": texts,
                "input_context": st.lists(items, max_size=2),
                "output_items": st.lists(items, max_size=2),
            },
            usage=_maybe(num_completion_tokens=integers, num_prompt_tokens=integers),
            tools=st.lists(texts, max_size=2),
            total_time=numbers,
            error=texts,
        ),
        _event(
            "span_begin", {"span_id": words, "name": texts}, parent_span_id=words, span_type=texts
        ),
        _event("span_end", {"span_id": words}),
        _event(
            "compaction",
            {"strategy": st.sampled_from(["summary", "trim"])},
            tokens_before=integers,
            tokens_after=integers,
        ),
        _event("error", {"message": texts}, traceback=texts),
        _event("custom", {"name": texts, "data": json_objects}),
    )
)

metadata = _maybe(
    trace_id=texts,
    source_type=texts,
    source_uri=texts,
    agent=texts,
    model=texts,
    tags=st.lists(texts, max_size=2),
    created_at=any_timestamps,
    total_time=numbers,
    total_tokens=integers,
    message_count=integers,
    error=texts,
    extra=json_objects,
)

traces = _brief(
    st.fixed_dictionaries(
        {
            "FORMAT": st.sampled_from(["open_responses", "latticeflow"]),
            "items": st.lists(items, max_size=4),
        },
        optional={
            "metadata": metadata,
            "events": st.lists(events, max_size=4),
            "span_id": words,
            "span_name": texts,
            "span_type": texts,
        },
    )
)
"""Valid traces, everything explicit; their events need not tell the story of their items."""


@st.composite
def mutated(draw: st.DrawFn) -> Value:
    """A trace in which one or two things somewhere were taken out, put in or replaced."""
    value = copy.deepcopy(draw(traces))
    for _ in range(draw(st.integers(1, 2))):
        _mutate(draw, value)
    return value


def _mutate(draw: st.DrawFn, value: Value) -> None:
    place = draw(st.sampled_from(list(_containers(value))))
    key = draw(st.sampled_from(list(place) if isinstance(place, dict) else range(len(place))))
    match draw(st.sampled_from(["remove", "replace", "add", "null"])):
        case "remove":
            del place[key]
        case "replace":
            place[key] = draw(st.one_of(json_values, items, parts, st.floats(), statuses))
        case "null":
            place[key] = None
        case _:
            if isinstance(place, dict):
                place[draw(st.sampled_from(["zzz", "id", "text", "error"]))] = draw(json_values)
            else:
                place.append(draw(json_values))


def _containers(value: Any) -> Iterator[Any]:
    """Yield the objects and lists of a value that are not empty."""
    pending = [value]
    while pending:
        part = pending.pop()
        if isinstance(part, dict | list) and part:
            yield part
            pending.extend(part.values() if isinstance(part, dict) else part)


@st.composite
def conversations(draw: st.DrawFn) -> list[Value]:
    """Items with ids of their own, every call answered once, as a sound log has them."""
    found: list[Value] = []
    for index in range(draw(st.integers(0, 6))):
        if draw(st.booleans()):
            found.append({**draw(messages), "id": f"m{index}"})
        else:
            shared = {"call_id": f"c{index}", "status": "completed"}
            found.append({**draw(calls), **shared, "id": f"f{index}"})
            found.append({**draw(outputs), **shared, "id": f"o{index}"})
    return found
