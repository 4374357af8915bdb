"""LangChain's messages, as its tracers, LangSmith and LangGraph write them.

Source: `langchain_core.messages` and `langchain_core.load`. Three ways to write one: serialised
`{lc, type: constructor, id: [..., "AIMessage"], kwargs}`, `{type, data}`, and `{type, content}`.
Inside, tool calls are those of chat completions with `args`, content blocks those of any provider.
Before `tool_calls` there were only the provider's own calls, in `additional_kwargs`.
"""

from typing import Any

from trace_assets.trace import build

_WORDS = {
    "human": "user",
    "ai": "assistant",
    "system": "system",
    "developer": "developer",
    "tool": "tool",
    "function": "function",
}


def opened(value: dict[str, Any]) -> tuple[str, dict[str, Any]] | None:
    """The word for the role and the other keys of a message; None if it is none of LangChain's."""
    match value:
        case {"id": [*_, str(kind)], "kwargs": {**inner}, **around}:
            around["id"] = value["id"]
        case {"type": str(kind), "data": {**inner}, **around}:
            around["type"] = kind
        case {"type": str(kind), "content": _}:
            inner, around = value, {}
        case _:
            return None
    word = _WORDS.get(_short(kind)) or _own_role(kind, inner)
    if word is None:
        return None
    own = _with_calls(build.joined(inner, around, prefix="lc_"))
    match own.get("type"):
        case str() as said if said in _WORDS:  # the role says it
            del own["type"]
        case _:
            pass
    if own.get("role") == word:
        del own["role"]
    return word, own


def _with_calls(own: dict[str, Any]) -> dict[str, Any]:
    """Put the calls that are only in `additional_kwargs` where those of any message are."""
    if own.get("tool_calls"):
        return own
    match own.get("additional_kwargs"):
        case {"tool_calls": [_, *_] as calls, **rest}:
            return {**own, "additional_kwargs": rest, "tool_calls": calls}
        case {"function_call": {"name": _} as call, **rest} if "function_call" not in own:
            return {**own, "additional_kwargs": rest, "function_call": call}
        case _:
            return own


def _short(kind: str) -> str:
    """`AIMessageChunk` and `ai` are one kind."""
    return kind.removesuffix("Chunk").removesuffix("Message").lower()


def _own_role(kind: str, inner: dict[str, Any]) -> str | None:
    """The role that a ChatMessage gives itself."""
    match inner:
        case {"role": str(role)} if _short(kind) == "chat":
            return role
        case _:
            return None
