"""Records of training sets, read as one list of messages.

Source: https://platform.openai.com/docs/guides/direct-preference-optimization,
https://huggingface.co/docs/trl/dataset_formats, https://github.com/hiyouga/LLaMA-Factory
(`data/README.md`), https://huggingface.co/datasets/Anthropic/hh-rlhf,
https://huggingface.co/datasets/lmsys/chatbot_arena_conversations.

A preference record has one question and two answers. The conversation ends with the chosen answer.
The rejected answer stays under its own key, outside the conversation.
"""

import re
from collections.abc import Sequence
from typing import Any, NamedTuple, cast

from trace_assets import chat, vocabulary
from trace_assets.chat import UnknownMessageError
from trace_assets.chatlogs.shapes import are_messages, messages_key
from trace_assets.trace import build

Messages = list[Any]


class TrainingRecord(NamedTuple):
    """A record of a training set in the form of a conversation."""

    record: dict[str, Any]
    """The record with its conversation under `messages`, and its other keys as they are."""
    what: str
    """What kind of record it is, as evidence for detection."""


_HISTORY = ("history", "chat_history", "message_history", "conversation_history")
_KEYS = frozenset(("chosen", "preferred_output", "conversation_a", "completion", *_HISTORY))
_PROMPT = ("prompt", "question", "instruction")
_ASKED = (*_PROMPT, "query", "user_input", "user_message", "input", "message")
_ANSWER = ("answer", "response", "output", "completion", "reply", "assistant_response")
_TURN = re.compile(r"(?:^|\n\n)(Human|Assistant):[ ]?")
"""How hh-rlhf begins a turn inside of a text."""


def training_record(record: dict[str, Any]) -> TrainingRecord | None:
    """A record of a known training set as a conversation; None if it is no such record.

    Raises:
        UnknownMessageError: it is such a record, and its conversation cannot be read.
    """
    if _KEYS.isdisjoint(record):
        return None
    match record:
        case {"input": {"messages": [*given], **settings}, "preferred_output": chosen, **rest}:
            rest |= {"input": settings} if settings else {}
            return _preference(given, chosen, rest, pointer="/preferred_output")
        case {"conversation_a": list(), "conversation_b": list()}:
            return _arena(record)
        case {"chosen": chosen, **rest} if "rejected" in rest:
            return _preference(_take_prompt(rest), chosen, rest, pointer="/chosen")
        case {"prompt": [*given], "completion": str() | list() as said, **rest}:
            pass
        case {"prompt": str() as asked, "completion": list() as said, **rest}:
            given = _spoken(asked, "user")
        case _:
            before = _history(record)
            return _turn_with_history(record, before) if are_messages(before) else None
    answer = _spoken(said, "assistant")
    if not are_messages(given) or not are_messages(answer):
        return None
    return _record([*given, *answer], rest, "a prompt with its completion")


def _turn_with_history(record: dict[str, Any], before: Messages) -> TrainingRecord | None:
    """One turn as texts, behind the messages before it.

    None if the messages begin with the question: then they are the whole conversation.
    """
    rest = {key: value for key, value in record.items() if key not in _HISTORY}
    asked, answered = _first_text(rest, _ASKED), _first_text(rest, _ANSWER)
    if asked is None or answered is None or _is_begun(before, rest[asked]):
        return None
    text = rest.pop(asked)
    question = _asked(text, rest) if asked == "instruction" else _spoken(text, "user")
    messages = [*_followed(before, question), *_spoken(rest.pop(answered), "assistant")]
    return _record(messages, rest, "a turn with its history")


def _is_begun(messages: Messages, question: str) -> bool:
    """Whether the first message of the user has a question, and is answered there."""
    said = (text for role, text in map(_mark, messages[:-1]) if role == "user")
    first, asked = next(said, ""), question.strip()
    return asked == first or (len(asked) >= _LONG and asked in first)


_LONG = 20
"""A shorter text can be in another one by chance."""


def _history(record: dict[str, Any]) -> Any:
    return next((record[key] for key in _HISTORY if key in record), "")


def _first_text(record: dict[str, Any], keys: Sequence[str]) -> str | None:
    """The first of some keys that holds a text."""
    texts = (key for key in keys if isinstance(record.get(key), str) and record[key].strip())
    return next(texts, None)


def _preference(
    given: Messages, chosen: Any, rest: dict[str, Any], *, pointer: str
) -> TrainingRecord:
    if any(map(has_markup, (chosen, *(_text_of(message) for message in given)))):
        raise UnknownMessageError(pointer, "expected texts, found the markup of a chat template")
    answer = _spoken(chosen, "assistant") if given else _conversation(chosen)
    is_whole = are_messages(answer) and _is_answer(answer[-1])
    if not is_whole or (not given and _is_answer(answer[0])):
        raise UnknownMessageError(
            pointer, "expected the chosen answer and the messages before it, found one of the two"
        )
    messages = _followed(given, answer)
    if rest.get("messages") == messages:
        del rest["messages"]
    return _record(messages, rest, "a chosen and a rejected answer")


def _arena(record: dict[str, Any]) -> TrainingRecord:
    """Read two conversations and a winner. A tie has no chosen answer."""
    match record:
        case {"winner": "model_a" | "model_b" as winner}:
            letter = winner[-1]
        case _:
            raise UnknownMessageError("/winner", "expected model_a or model_b: a tie has no answer")
    rest = {key: value for key, value in record.items() if key != f"conversation_{letter}"}
    if isinstance(model := record.get(winner), str):
        rest.setdefault("model", model)
    return _record(record[f"conversation_{letter}"], rest, "two conversations with a winner")


def _record(messages: Messages, rest: dict[str, Any], what: str) -> TrainingRecord:
    own: dict[str, Any] = {"messages": messages}
    return TrainingRecord(build.joined(own, rest, prefix="original_"), what)


def _take_prompt(rest: dict[str, Any]) -> Messages:
    """Take the messages before the answer out of a record; empty where it has none."""
    for key in _PROMPT:
        match rest.get(key):
            case str(asked) if asked.strip():
                del rest[key]
                return _asked(asked, rest) if key == "instruction" else _conversation(asked)
            case [*messages] if are_messages(messages):
                del rest[key]
                return messages
            case _:
                pass
    key = messages_key(rest)
    return [] if key is None else cast("Messages", rest.pop(key))


def _asked(instruction: str, rest: dict[str, Any]) -> Messages:
    """Alpaca's question: the turns before it, then the instruction with its input."""
    earlier = pairs(rest.pop("history")) if pairs(rest.get("history")) else []
    texts = [instruction]
    match rest.get("input"):
        case str(said) if said.strip():
            texts.append(rest.pop("input"))
        case _:
            pass
    turns = [
        {"role": role, "content": said}
        for pair in earlier
        for role, said in zip(("user", "assistant"), pair, strict=True)
    ]
    parts = [{"type": "text", "text": text} for text in texts]
    return [*turns, {"role": "user", "content": parts}]


def pairs(history: Any) -> list[tuple[str, str]]:
    """Earlier turns as pairs of question and answer; empty where a value is anything else.

    >>> pairs([["Hi", "Hello."]]), pairs([]), pairs(["Hi"])
    ([('Hi', 'Hello.')], [], [])
    """
    found: list[tuple[str, str]] = []
    for pair in cast("list[Any]", history) if isinstance(history, list) else []:
        match pair:
            case [str(asked), str(answered)]:
                found.append((asked, answered))
            case _:
                return []
    return found


def _spoken(value: Any, role: chat.Role) -> Messages:
    """Messages from a text, a message or a list of messages."""
    match value:
        case str():
            return [{"role": role, "content": value}]
        case {**one}:
            return [one]
        case [*messages]:
            return messages
        case _:
            return []


def _conversation(value: Any) -> Messages:
    r"""A list of messages, or the turns that a text holds; a text without turns is the user's.

    >>> _conversation("\n\nHuman: Hi\n\nAssistant: Hello.")
    [{'role': 'user', 'content': 'Hi'}, {'role': 'assistant', 'content': 'Hello.'}]
    """
    if not isinstance(value, str):
        return _spoken(value, "user")
    start, *turns = _TURN.split(value)
    if not turns or start.strip():
        return _spoken(value, "user")
    pairs = zip(turns[::2], turns[1::2], strict=True)
    return [
        {"role": "user" if who == "Human" else "assistant", "content": said.strip()}
        for who, said in pairs
        if said.strip()
    ]


def _followed(given: Messages, answer: Messages) -> Messages:
    """The messages before an answer and the answer, which may begin with these messages again."""
    if _holds(answer, given):
        return answer
    for count in range(min(len(given), len(answer)), 0, -1):
        if list(map(_mark, given[-count:])) == list(map(_mark, answer[:count])):
            return [*given, *answer[count:]]
    return [*given, *answer]


def _holds(messages: Messages, wanted: Messages) -> bool:
    """Whether messages contain others in their order."""
    rest = iter([_mark(message) for message in messages])
    return all(_mark(message) in rest for message in wanted)


def _mark(message: Any) -> tuple[str, str]:
    """What two messages that say the same share."""
    match message:
        case {"role": str(word), "content": said} | {"from": str(word), "value": said}:
            role = vocabulary.role(word) or word
            calls = build.json_text(message["tool_calls"]) if message.get("tool_calls") else ""
            return role, build.json_text(said).strip() + calls
        case {"role": str(word), "tool_calls": [_, *_] as calls}:
            return vocabulary.role(word) or word, build.json_text(calls)
        case _:
            return "", build.json_text(message)


_MARKUP = (
    "<|im_start|>",
    "<|start_header_id|>",
    "<|begin_of_text|>",
    "<start_of_turn>",
    "<bos><start_of_turn>",
    "[INST]",
    "<s>[INST]",
    "<|system|>",
    "<|user|>",
)


def has_markup(value: Any) -> bool:
    r"""True if a value is a text in the markup of a chat template: several messages, and no one's.

    >>> has_markup("<|im_start|>user\nHi<|im_end|>"), has_markup("Hi")
    (True, False)
    """
    return isinstance(value, str) and value.lstrip().startswith(_MARKUP)


def _text_of(message: Any) -> Any:
    match message:
        case {"content": said} | {"value": said}:
            return said
        case _:
            return None


def _is_answer(message: Any) -> bool:
    return _mark(message)[0] == "assistant"


def conversation(value: Any) -> Any:
    """A record of a training set as a conversation; any other value as it is.

    Raises:
        UnknownMessageError: it is such a record, and its conversation cannot be read.
    """
    if not isinstance(value, dict):
        return value
    record = cast("dict[str, Any]", value)
    found = training_record(record)
    if found is None and _history(record) in (None, []):
        found = _turn_with_history(record, [])
    return value if found is None else found.record
