"""Which columns say what, guessed from names that such logs have."""

import re
from collections.abc import Iterable
from functools import lru_cache

from trace_assets import vocabulary
from trace_assets.chatlogs.shapes import is_span
from trace_assets.mapping import Mapping

_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]+")


def normal(column: str) -> str:
    """A column's name as it is compared.

    >>> normal("User Message"), normal("sessionId"), normal("LLM-Response")
    ('user_message', 'session_id', 'llm_response')
    """
    return "_".join(filter(None, _WORD.split(column.strip()))).lower()


def _normal_names(*names: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(map(normal, names)))


_NAMES: dict[str, tuple[str, ...]] = {
    "conversation": (
        "conversation_id",
        "conv_id",
        "conversation",
        "session_id",
        "thread_id",
        "chat_id",
        "dialog_id",
        "dialogue_id",
        "chat_session_id",
        "ticket_id",
        "message_tree_id",
        "trace_id",
        "session",
        "thread",
    ),
    "order": (
        "turn",
        "turn_index",
        "turn_number",
        "turn_no",
        "turn_id",
        "message_index",
        "msg_index",
        "message_number",
        "message_order",
        "seq",
        "sequence",
        "sequence_number",
        "step",
        "step_index",
        "position",
        "order",
        "index",
        "idx",
    ),
    "id": ("id", "message_id", "msg_id", "uuid"),
    "parent": (
        "parent_id",
        "parent_message_id",
        "parent_msg_id",
        "parent_uuid",
        "previous_message_id",
        "parent",
    ),
    "role": (
        "role",
        "message_role",
        "speaker",
        "speaker_role",
        "sender",
        "sender_type",
        "sender_role",
        "author",
        "author_role",
        "author_type",
        "participant",
        "from",
    ),
    "text": (
        "content",
        "text",
        "message",
        "utterance",
        "message_text",
        "message_content",
        "body",
        "msg",
        "value",
    ),
    "input": (
        "user_message",
        "user_input",
        "user_query",
        "user_question",
        "user_prompt",
        "user_text",
        "user_utterance",
        "customer_message",
        "human_message",
        "question",
        "query",
        "prompt",
        "instruction",
        "input",
        "input_text",
        "request",
        "message",
    ),
    "output": (
        "chosen",
        "bot_response",
        "bot_message",
        "bot_reply",
        "bot_answer",
        "ai_response",
        "ai_answer",
        "ai_message",
        "assistant_response",
        "assistant_message",
        "assistant_reply",
        "agent_response",
        "agent_message",
        "model_response",
        "model_output",
        "llm_response",
        "llm_output",
        "generated_text",
        "generated_answer",
        "final_answer",
        "final_response",
        "response",
        "answer",
        "completion",
        "reply",
        "output",
        "output_text",
        "response_text",
        "answer_preview",
        "response_preview",
        "final_output",
        "final_sql",
        "result",
    ),
    "system": ("system_prompt", "system_message", "system_instruction", "system"),
    "messages": ("messages", "conversation_messages", "chat_messages", "message_list"),
    "tool_calls": ("tool_calls", "toolcalls", "tools_called", "function_calls", "function_call"),
    "tool_call_id": ("tool_call_id", "call_id"),
    "tool_name": ("tool_name", "function_name", "tool"),
    "model": _normal_names(*vocabulary.MODEL, "llm"),
    "agent": ("agent", "agent_name", "assistant_name", "bot_name"),
    "time": _normal_names(*vocabulary.TIME),
    "input_tokens": _normal_names(*vocabulary.INPUT_TOKENS),
    "output_tokens": _normal_names(*vocabulary.OUTPUT_TOKENS),
    "cost_usd": _normal_names(*vocabulary.COST),
    "duration_s": ("duration_s", "latency_s", "duration_seconds", "latency_seconds"),
    "duration_ms": (
        "latency_ms",
        "duration_ms",
        "response_time_ms",
        "execution_time_ms",
        "elapsed_ms",
    ),
    "tags": ("tags",),
}

_ENDINGS = {
    "input": ("question", "query", "prompt"),
    "output": ("response", "answer", "reply", "completion"),
}
"""How a name ends that says the same with a word before it, such as `generated_response`."""

_NOT_SAID = frozenset(
    ("expected", "reference", "correct", "gold", "golden", "truth", "ideal", "target", "system")
)

_PAIRS = (
    ("user", "bot"),
    ("user", "assistant"),
    ("user", "ai"),
    ("user", "agent"),
    ("user", "chatbot"),
    ("human", "ai"),
    ("human", "assistant"),
    ("human", "gpt"),
    ("customer", "agent"),
    ("customer", "bot"),
    ("q", "a"),
)
"""Two names that say together what each by itself does not: `user` alone is an id."""


@lru_cache(maxsize=256)
def guess(columns: tuple[str, ...]) -> Mapping | None:
    """Guess a mapping from column names. None for spans, and if no name means a message."""
    if is_span(columns):
        return None
    told = named(columns)
    by_name = {normal(column): column for column in reversed(columns)}
    for user, assistant in _PAIRS:
        if user in by_name and assistant in by_name and "role" not in told:
            told["input"], told["output"] = by_name[user], by_name[assistant]
            break
    is_turn = "role" in told and "text" in told
    left_out = {"input", "output"} if is_turn else {"role", "text", "id", "parent"}
    if "parent" not in told or "id" not in told:
        left_out |= {"id", "parent"}
    told |= _of_instruction(told, by_name)
    if told.get("system") in (told.get("input"), told.get("output")):
        left_out.add("system")
    kept = {field: column for field, column in told.items() if field not in left_out}
    if kept.keys().isdisjoint(("text", "input", "output", "messages")):
        return None
    return Mapping()._replace(**kept)


def _of_instruction(told: dict[str, str], by_name: dict[str, str]) -> dict[str, str]:
    """Map the extra columns of Alpaca, Dolly and LLaMA-Factory: the context and the history."""
    if "input" not in told or "role" in told:
        return {}
    names: dict[str, tuple[str, ...]] = {"history": ("history", "chat_history")}
    found: dict[str, str] = {}
    if told["input"] == by_name.get("instruction"):
        names["input_context"] = ("context", "input")
    elif told["input"] == by_name.get("query") and "prompt" in by_name:
        found["input"] = by_name["prompt"]
        names["input_context"] = ("query",)
    for field, words in names.items():
        for name in words:
            if name in by_name and by_name[name] != told.get("output"):
                found[field] = by_name[name]
    return found


@lru_cache(maxsize=256)
def candidates(columns: tuple[str, ...]) -> tuple[str, ...]:
    """The columns that hold several answers to one question; empty if there are not two.

    >>> candidates(("prompt", "response_a", "response_b", "winner"))
    ('response_a', 'response_b')
    """
    found = tuple(column for column in columns if _CANDIDATE.fullmatch(normal(column)))
    return found if len(found) > 1 else ()


_CANDIDATE = re.compile(r"(response|answer|completion|output|conversation)_?([a-d]|[0-4])")


def named(columns: Iterable[str]) -> dict[str, str]:
    """The first column for each field that has a name for it."""
    by_name: dict[str, str] = {}
    for column in columns:
        by_name.setdefault(normal(column), column)
    found = {
        field: next((by_name[name] for name in names if name in by_name), None)
        for field, names in _NAMES.items()
    }
    for field, words in _ENDINGS.items():
        if found[field] is None:
            found[field] = next(filter(None, (_ends(by_name, word) for word in words)), None)
    return {field: column for field, column in found.items() if column is not None}


def _ends(by_name: dict[str, str], word: str) -> str | None:
    """The first column whose name ends in a word, and is not what somebody wanted to be said."""
    for name, column in by_name.items():
        *before, last = name.split("_")
        if last == word and before and _NOT_SAID.isdisjoint(before):
            return column
    return None
