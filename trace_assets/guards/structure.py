"""Signs of a wrong reading that no share of text shows: one function per sign."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, cast

import msgspec

from trace_assets.guards.text import Said, is_prose
from trace_assets.reading.inside import inside

PLACEHOLDERS = frozenset(
    (
        "<elided>",
        "[redacted]",
        "<redacted>",
        "__redacted__",
        "redacted",
        "[filtered]",
        "<masked>",
        "[masked]",
        "<not recorded>",
        "***",
    )
)
"""What tools write in place of a text that they do not record, in lower case."""

_LONG = 20
_PASSAGE = 3


class Step(NamedTuple):
    """One item, as the signs look at it."""

    kind: str
    """The role of a message, `reasoning`, `call`, `output`, or another type of item."""
    text: str
    """What was said, the arguments or the output, without outer white space."""
    call_id: str
    """The id of a call in the log, or "" where it gave none."""
    name: str
    has_other_parts: bool
    """Whether there are parts without text, such as images."""


class Outline(NamedTuple):
    """A trace, as the signs look at it."""

    steps: Sequence[Step]
    messages: Sequence[Step]
    """The steps that are messages of a role."""
    kinds: frozenset[str]
    """The kinds of the steps: most signs need steps of some kinds."""
    outputs: frozenset[str]
    """The texts of the outputs."""
    branches: Sequence[Sequence[Step]]
    """The branches that are kept outside of the conversation."""
    model_calls: int
    said: Said
    """The strings of the items and branches, as they are."""


_ROLES = frozenset(("user", "assistant", "system", "developer"))


def outline_of(trace: Mapping[str, Any]) -> Outline:
    """Read a trace once for all guards."""
    said = Said(set(), set())
    steps = [_step_of(item, said) for item in trace["items"]]
    extra = trace["metadata"].get("extra")
    branches = extra.get("branches") if extra else None
    events = trace.get("events")
    return Outline(
        steps,
        [step for step in steps if step.kind in _ROLES],
        frozenset([step.kind for step in steps]),
        frozenset([step.text for step in steps if step.kind == "output"]),
        _branches(cast("list[Any]", branches), said) if isinstance(branches, list) else (),
        sum(map(_is_model_call, cast("list[Any]", events))) if isinstance(events, list) else 0,
        said,
    )


def _is_model_call(event: Any) -> bool:
    match event:
        case {"type": "model_call_event"}:
            return True
        case _:
            return False


def _branches(branches: Iterable[Any], said: Said) -> list[list[Step]]:
    found: list[list[Step]] = []
    for branch in branches:
        match branch:
            case {"items": [{"type": "message" | "function_call" | "function_call_output"}, *_]}:
                found.append([_step_of(item, said) for item in branch["items"]])
            case _:
                pass
    return found


def _step_of(item: Any, said: Said) -> Step:
    """Read an item. The trace is not validated yet, so an item can have any shape."""
    match item:
        case {"type": "message", "role": str(role), "content": content}:
            return _message(role, content, said)
        case {"type": "function_call", "arguments": str(arguments), "name": str(name)}:
            said.arguments.add(arguments)
            return Step("call", arguments, _call_id(item), name, False)
        case {"type": "function_call_output", "output": output}:
            return _output(output, _call_id(item), said)
        case {"type": str(), "content": {"unread_message": _}}:
            return Step(_UNREAD, "", "", "", True)
        case {"type": str(kind)}:
            return Step(kind, "", "", "", True)
        case _:
            return Step("", "", "", "", True)


def _call_id(item: Mapping[str, Any]) -> str:
    original = item.get("original_call_id")
    return original if isinstance(original, str) else ""


_UNREAD = "unread_message"
"""The key of a message without content that can be read, in the custom item that keeps it."""


def _output(output: Any, call_id: str, said: Said) -> Step:
    if isinstance(output, str):
        said.texts.add(output)
        return Step("output", output.strip(), call_id, "", False)
    parts = cast("list[Any]", output) if isinstance(output, list) else [output]
    texts: list[str] = []
    for part in parts:
        match part:
            case {"text": str(text)}:
                texts.append(text)
            case _:
                pass
    said.texts.update(texts)
    return Step("output", "\n".join(texts).strip(), call_id, "", len(texts) != len(parts))


def _message(role: str, content: Any, said: Said) -> Step:
    match content:
        case [{"type": "input_text" | "output_text", "text": str(text)}] | str(text):
            said.texts.add(text)
            return Step(role, text.strip(), "", "", False)
        case [*parts]:
            return _parts(role, parts, said)
        case _:
            return Step(role, "", "", "", content is not None)


def _parts(role: str, parts: Sequence[Any], said: Said) -> Step:
    texts: list[str] = []
    is_reasoning = has_other_parts = False
    for part in parts:
        match part:
            case {"type": "reasoning_text" | "summary_text", "text": str(text)}:
                is_reasoning = True
                said.texts.add(text)
            case {"text": str(text)} | {"refusal": str(text)}:
                texts.append(text)
            case _:
                has_other_parts = True
    said.texts.update(texts)
    text = "\n".join(texts).strip()
    return Step("reasoning" if is_reasoning and not text else role, text, "", "", has_other_parts)


def same_text_twice(outline: Outline) -> bool:
    """One role says the same text twice, with nothing but calls and outputs between."""
    before: Step | None = None
    for step in outline.messages:
        if before and step.text == before.text and step.kind == before.kind and _is_long(step.text):
            return True
        before = step
    return False


def same_passage_twice(outline: Outline) -> bool:
    """Three or more messages in a row, of the user and the assistant, are there a second time."""
    messages = outline.messages
    if len(messages) < 2 * _PASSAGE:
        return False
    first: dict[tuple[Step, ...], int] = {}
    for at in range(len(messages) - _PASSAGE + 1):
        passage = messages[at : at + _PASSAGE]
        before = first.setdefault(tuple(passage), at)
        if at - before >= _PASSAGE and _is_talk(passage):
            return True
    return False


def _is_talk(passage: Sequence[Step]) -> bool:
    kinds = {step.kind for step in passage}
    return {"user", "assistant"} <= kinds and sum(_is_long(step.text) for step in passage) > 1


def one_id_with_two_calls(outline: Outline) -> bool:
    """One call id has two calls or two outputs that do not pair, or the same pair twice.

    Some providers give an id to several calls, each with an output of its own.
    """
    ids = [(step.kind, step.call_id) for step in outline.steps if step.call_id]
    if len(ids) == len(set(ids)):
        return False
    calls = Counter(call_id for kind, call_id in ids if kind == "call")
    outputs = Counter(call_id for kind, call_id in ids if kind == "output")
    if any(
        number > 1 and calls[call_id] != outputs[call_id]
        for call_id, number in (calls | outputs).items()
    ):
        return True
    steps = Counter((step.call_id, step.kind, step.text) for step in outline.steps if step.call_id)
    twice = {(call_id, kind) for (call_id, kind, _), number in steps.items() if number > 1}
    return any((call_id, "output") in twice for call_id, kind in twice if kind == "call")


def a_message_is_empty(outline: Outline) -> bool:
    """A message of the user or the assistant has neither text nor any other content."""
    return any(
        not step.text and not step.has_other_parts and step.kind in ("user", "assistant")
        for step in outline.messages
    )


def a_message_is_unread(outline: Outline) -> bool:
    """A message has no content that can be read: a custom item keeps it whole."""
    return _UNREAD in outline.kinds


def the_user_says_data(outline: Outline) -> bool:
    """A user message is the output of a tool, or a JSON object."""
    return any(
        step.kind == "user" and (_is_output(step.text, outline) or _is_object(step.text))
        for step in outline.messages
    )


def the_answer_is_an_output(outline: Outline) -> bool:
    """An assistant message is the output of a tool, word for word."""
    return bool(outline.outputs) and any(
        step.kind == "assistant" and _is_output(step.text, outline) for step in outline.messages
    )


def begins_with_an_output(outline: Outline) -> bool:
    """The conversation begins with the output of a tool."""
    if "output" not in outline.kinds:
        return False
    kinds = (step.kind for step in outline.steps if step.kind not in ("system", "developer"))
    return next(kinds, "") == "output"


def a_branch_has_calls(outline: Outline) -> bool:
    """A branch with tool calls left the conversation."""
    return any(step.kind == "call" for branch in outline.branches for step in branch)


def few_answers_for_model_calls(outline: Outline) -> bool:
    """There are more than twice as many model calls as answers and tool calls."""
    if outline.model_calls <= 2:
        return False
    answers = sum(step.kind in ("assistant", "call", "reasoning") for step in outline.steps)
    return outline.model_calls > 2 * answers + 2


def no_message_has_words(outline: Outline) -> bool:
    """There are model calls or tool calls, and no message has a word."""
    did = outline.model_calls or "call" in outline.kinds or "output" in outline.kinds
    return bool(did) and not any(map(_has_words, outline.messages))


def content_is_a_placeholder(outline: Outline) -> bool:
    """A message, or the output of a tool, is a placeholder such as `[REDACTED]`."""
    return any(_is_placeholder(step.text) for step in outline.steps)


def _has_words(step: Step) -> bool:
    if step.has_other_parts:
        return True
    return any(map(str.isalnum, step.text)) and not _is_placeholder(step.text)


def _is_placeholder(text: str) -> bool:
    return len(text) < _LONG and text.lower() in PLACEHOLDERS


def _is_long(text: str) -> bool:
    return len(text) >= _LONG and is_prose(text)


def _is_output(text: str, outline: Outline) -> bool:
    return len(text) >= _LONG and text in outline.outputs


def _is_object(text: str) -> bool:
    if text[:1] != "{" or text[-1:] != "}":
        return False
    return isinstance(inside(text), dict) or _repeats_a_key(text)


def _repeats_a_key(text: str) -> bool:
    """True for a JSON object that stays text because decoding it would lose a value."""
    try:
        return isinstance(msgspec.json.decode(text), dict)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        return False
