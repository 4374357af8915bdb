"""The names that logs use for tokens, cost, model, ids, times, roles and tags.

This is the only table of such names. Formats and enrichment read facts with the functions below.
Each function is pure and never invents a value: an unknown fact is None. To support another name,
add it to a tuple. The order of a tuple is the order of preference.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from math import fsum
from typing import Any, Literal, NamedTuple, cast

import msgspec

Role = Literal["user", "assistant", "system", "developer"]
"""The roles of a message in a trace."""

# --- tokens ----------------------------------------------------------------------------------

INPUT_TOKENS = (
    "input_tokens",
    "prompt_tokens",
    "num_prompt_tokens",
    "inputTokens",
    "promptTokens",
    "promptTokenCount",
    "prompt_token_count",
    "input_token_count",
    "inputTokenCount",
    "llm.token_count.prompt",
    "gen_ai.usage.input_tokens",
    "gen_ai.usage.prompt_tokens",
    "gen_ai.response.prompt_tokens",
    "llm.usage.prompt_tokens",
    "ai.usage.promptTokens",
    "ai.usage.inputTokens",
    "tokens_in",
    "token_count_input",
    "inputUsage",
    "promptUsage",
)
"""Names of the tokens that a model was given."""

OUTPUT_TOKENS = (
    "output_tokens",
    "completion_tokens",
    "num_completion_tokens",
    "outputTokens",
    "completionTokens",
    "candidatesTokenCount",
    "candidates_token_count",
    "responseTokenCount",
    "response_token_count",
    "output_token_count",
    "outputTokenCount",
    "llm.token_count.completion",
    "gen_ai.usage.output_tokens",
    "gen_ai.usage.completion_tokens",
    "gen_ai.response.completion_tokens",
    "llm.usage.completion_tokens",
    "ai.usage.completionTokens",
    "ai.usage.outputTokens",
    "tokens_out",
    "token_count_output",
    "outputUsage",
    "completionUsage",
)
"""Names of the tokens that a model returned."""

CACHE_READ_TOKENS = (
    "cache_read_input_tokens",
    "input_tokens_cache_read",
    "cached_input_tokens",
    "input_cached_tokens",
    "cached_tokens",
    "cacheReadInputTokens",
    "cacheReadInputTokenCount",
    "cachedInputTokens",
    "cachedContentTokenCount",
    "cached_content_token_count",
    "cacheRead",
    "cache_read",
    "llm.token_count.prompt_details.cache_read",
    "gen_ai.usage.cache_read.input_tokens",
    "gen_ai.usage.cache_read_input_tokens",
    "gen_ai.usage.details.cache_read_tokens",
)
"""Names of the input tokens that came from a cache."""

CACHE_WRITTEN_TOKENS = (
    "cache_creation_input_tokens",
    "input_tokens_cache_write",
    "cacheWriteInputTokens",
    "cacheWriteInputTokenCount",
    "cacheCreationInputTokens",
    "cacheWrite",
    "cache_write",
    "cache_creation",
    "llm.token_count.prompt_details.cache_write",
    "gen_ai.usage.cache_creation.input_tokens",
    "gen_ai.usage.cache_creation_input_tokens",
    "gen_ai.usage.details.cache_write_tokens",
)
"""Names of the input tokens that were written to a cache."""

REASONING_TOKENS = (
    "reasoning_tokens",
    "reasoningTokens",
    "reasoning_output_tokens",
    "output_reasoning_tokens",
    "thoughtsTokenCount",
    "thoughts_token_count",
    "reasoning",
    "llm.token_count.completion_details.reasoning",
    "gen_ai.usage.reasoning.output_tokens",
    "gen_ai.usage.details.reasoning_tokens",
    "ai.usage.reasoningTokens",
)
"""Names of the output tokens that the model used to reason."""

TOTAL_TOKENS = (
    "total_tokens",
    "totalTokens",
    "totalTokenCount",
    "total_token_count",
    "llm.token_count.total",
    "gen_ai.usage.total_tokens",
    "llm.usage.total_tokens",
    "ai.usage.tokens",
    "total",
)
"""Names of input and output tokens together."""

INPUT_NAMES = (*INPUT_TOKENS, "input", "prompt")
OUTPUT_NAMES = (*OUTPUT_TOKENS, "output", "completion")
"""The same with the short names, which mean tokens only inside a usage object."""

USAGE = (
    "usage",
    "usageMetadata",
    "usage_metadata",
    "usageDetails",
    "usage_details",
    "token_usage",
    "tokenUsage",
    "tokens",
    "token_counts",
    "metrics",
    "mlflow.chat.tokenUsage",
    "mlflow.trace.tokenUsage",
)
"""Names of the object that holds the counts of a call."""

_DETAILS = (
    "prompt_tokens_details",
    "input_tokens_details",
    "input_token_details",
    "completion_tokens_details",
    "output_tokens_details",
    "output_token_details",
)
"""Names of the object inside a usage object that divides a count into its kinds."""

_LIMIT = 2**53
"""Larger numbers are not counts or prices. A column could not hold them."""


class Tokens(NamedTuple):
    """The token counts of one call or of several calls; None is unknown."""

    input: int | None = None
    output: int | None = None
    cache_read: int | None = None
    cache_written: int | None = None
    reasoning: int | None = None

    @property
    def is_known(self) -> bool:
        """True if the input or the output is known."""
        return self.input is not None or self.output is not None


def count(value: Any) -> int | None:
    """A token count, or None.

    >>> count(12), count(12.0), count(True), count("12"), count(1.5), count(-1)
    (12, 12, None, None, None, None)
    """
    if type(value) is float and value.is_integer():
        value = int(value)
    return value if type(value) is int and 0 <= value < _LIMIT else None


def input_tokens(usage: Any) -> int | None:
    """The input tokens of a usage object.

    >>> input_tokens({"prompt_tokens": 12}), input_tokens({"promptTokenCount": 9})
    (12, 9)
    >>> input_tokens({"input": 7, "output": 1}), input_tokens({"input": "Hi"}), input_tokens(None)
    (7, None, None)
    """
    return _first_count(usage, INPUT_NAMES)


def output_tokens(usage: Any) -> int | None:
    """The output tokens of a usage object.

    Gateways write 0 under the names that they do not use, so a larger count comes first:

    >>> output_tokens({"output_tokens": 0, "completion_tokens": 3})
    3
    """
    return _first_count(usage, OUTPUT_NAMES)


def tokens(usage: Any) -> Tokens:
    """All counts of a usage object, with those of its detail objects.

    >>> tokens({"prompt_tokens": 9, "prompt_tokens_details": {"cached_tokens": 4}})
    Tokens(input=9, output=None, cache_read=4, cache_written=None, reasoning=None)
    """
    if not isinstance(usage, dict):
        return Tokens()
    counts = cast("dict[str, Any]", usage)
    levels = [counts, *(counts[name] for name in _DETAILS if isinstance(counts.get(name), dict))]
    kinds = (CACHE_READ_TOKENS, CACHE_WRITTEN_TOKENS, REASONING_TOKENS)
    return Tokens(
        input_tokens(counts),
        output_tokens(counts),
        *(_first_known(_first_count(level, names) for level in levels) for names in kinds),
    )


def find_tokens(record: Any) -> Tokens:
    """The counts of a record: its own under unambiguous names, else those of its usage object.

    >>> find_tokens({"llm.token_count.prompt": 8, "llm.token_count.completion": 2})[:2]
    (8, 2)
    >>> find_tokens({"metrics": {"tokens": {"input": 5, "output": 1}}})[:2]
    (5, 1)
    >>> find_tokens({"input": 5})[:2]
    (None, None)
    """
    if not isinstance(record, dict):
        return Tokens()
    given = cast("dict[str, Any]", record)
    if _WITH_TOKENS.isdisjoint(given):  # as most are
        return Tokens()
    own = tokens(given)._replace(
        input=_first_count(given, INPUT_TOKENS), output=_first_count(given, OUTPUT_TOKENS)
    )
    if own.is_known:
        return own
    for usage in usages(given):
        if (found := tokens(usage)).is_known:
            return found
    return Tokens()


_WITH_TOKENS = frozenset(
    (
        *INPUT_NAMES,
        *INPUT_TOKENS,
        *OUTPUT_NAMES,
        *OUTPUT_TOKENS,
        *CACHE_READ_TOKENS,
        *CACHE_WRITTEN_TOKENS,
        *REASONING_TOKENS,
        *_DETAILS,
        *USAGE,
    )
)
"""One of these keys is in every record with counts."""


def usages(record: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The usage objects of a record, and the usage objects inside those."""
    for name in USAGE:
        if isinstance(record.get(name), dict):
            usage = cast("dict[str, Any]", record[name])
            yield usage
            yield from (usage[inner] for inner in USAGE if isinstance(usage.get(inner), dict))


def sum_tokens(each: Iterable[Tokens]) -> Tokens:
    """The sum by kind. A kind that no call reports stays unknown.

    >>> sum_tokens([Tokens(5, 1), Tokens(2)])[:3]
    (7, 1, None)
    """
    columns = zip(*each, strict=True)
    return Tokens(*(_sum(column) for column in columns))


def _first_count(usage: Any, names: Iterable[str]) -> int | None:
    if type(usage) is not dict:
        return None
    found = None
    for name in names:
        if name in usage and (number := count(usage[name])) is not None:
            if number:
                return number
            found = 0
    return found


def _first_known(values: Iterable[int | None]) -> int | None:
    return next((value for value in values if value is not None), None)


def _sum(values: Iterable[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


# --- cost ------------------------------------------------------------------------------------

COST = (
    "cost_usd",
    "costUSD",
    "costUsd",
    "total_cost_usd",
    "response_cost",
    "calculated_total_cost",
    "calculatedTotalCost",
    "total_cost",
    "totalCost",
    "llm.cost.total",
    "gen_ai.usage.cost",
    "gen_ai.usage.total_cost",
    "gen_ai.usage.cost_usd",
    "gen_ai.cost.total_cost",
    "operation.cost",
    "estimated_cost",
    "estimated_cost_usd",
    "estimatedCost",
    "spend",
    "cost",
    "cost_details",
    "costDetails",
    "langfuse.observation.cost_details",
    "mlflow.llm.cost",
    "mlflow.trace.cost",
    "tokenCost",
)
"""Names of the price of a call in US dollars: a number, or an object with its parts."""

_COST_TOTAL = (*COST, "total", "usd", "amount")
_COST_INPUT = ("input", "prompt", "input_cost", "prompt_cost", "inputCost")
_COST_OUTPUT = ("output", "completion", "output_cost", "completion_cost", "outputCost")
_COST_PARTS = (
    ("llm.cost.prompt", "llm.cost.completion"),
    ("gen_ai.usage.input_cost", "gen_ai.usage.output_cost"),
    ("input_cost", "output_cost"),
    ("inputCost", "outputCost"),
    ("prompt_cost", "completion_cost"),
)
"""Names of the two parts of a price, where the log does not give their sum."""

_WITH_COST = frozenset((*COST, *USAGE, *(name for names in _COST_PARTS for name in names)))


def price(value: Any) -> float | None:
    """A price in US dollars: a number, or the text of a decimal number.

    >>> price(0.5), price(1), price("0.00016"), price(True), price("free"), price("nan")
    (0.5, 1.0, 0.00016, None, None, None)
    """
    if type(value) is str and len(value) <= 40:
        try:
            value = float(value)
        except ValueError:
            return None
    if (type(value) is float or type(value) is int) and -_LIMIT < value < _LIMIT:
        return float(value)
    return None


def cost(value: Any) -> float | None:
    """The price that a value under a name of cost gives: a number, or an object with a total.

    Attributes of spans have the object as JSON.

    >>> cost(0.5), cost({"total": 0.25, "input": 0.2}), cost({"input": 0.25, "output": 0.5})
    (0.5, 0.25, 0.75)
    >>> cost({"total": 3, "currency": "EUR"}), cost({}), cost(None), cost('{"total": 0.25}')
    (None, None, None, 0.25)
    """
    if type(value) is str and value.startswith("{"):
        value = _json_object(value)
    if type(value) is not dict:
        return price(value)
    parts = cast("dict[str, Any]", value)
    if isinstance(currency := parts.get("currency"), str) and currency.upper() != "USD":
        return None
    for name in _COST_TOTAL:
        if name in parts and (found := price(parts[name])) is not None:
            return found
    halves = [_first_price(parts, names) for names in (_COST_INPUT, _COST_OUTPUT)]
    known = [half for half in halves if half is not None]
    return fsum(known) if known else None


def find_cost(record: Any) -> float | None:
    """The price of a record: its own, else that of its usage object.

    >>> find_cost({"llm.cost.total": 2.4e-06}), find_cost({"usage": {"cost": {"total": 0.006}}})
    (2.4e-06, 0.006)
    >>> find_cost({"costDetails": {"total": 0.1}}), find_cost({"metrics": {"cost": 0.2}})
    (0.1, 0.2)
    >>> find_cost({"input_cost": 0.25, "output_cost": 0.5}), find_cost({"cost": None})
    (0.75, None)
    """
    if type(record) is not dict:
        return None
    given = cast("dict[str, Any]", record)
    if _WITH_COST.isdisjoint(given):
        return None
    found = _own_cost(given)
    if found is not None:
        return found
    return next(filter(_is_known, map(_own_cost, usages(given))), None)


_PRICED = frozenset((*COST, *(name for names in _COST_PARTS for name in names)))


def _own_cost(record: dict[str, Any]) -> float | None:
    if _PRICED.isdisjoint(record):  # as most are
        return None
    for name in COST:
        if name in record and (found := cost(record[name])) is not None:
            return found
    for names in _COST_PARTS:
        if any(name in record for name in names):
            parts = [part for name in names if (part := price(record.get(name))) is not None]
            return fsum(parts) if parts else None
    return None


def _json_object(text: str) -> dict[str, Any] | None:
    try:
        return msgspec.json.decode(text, type=dict[str, Any])
    except (msgspec.MsgspecError, RecursionError):
        return None


def _first_price(parts: dict[str, Any], names: Iterable[str]) -> float | None:
    return next(filter(_is_known, (price(parts.get(name)) for name in names)), None)


def _is_known(value: float | None) -> bool:
    return value is not None


# --- model and provider ----------------------------------------------------------------------

MODEL = (
    "model",
    "model_name",
    "model_id",
    "modelName",
    "modelId",
    "modelVersion",
    "model_version",
    "providedModelName",
    "provided_model_name",
    "gen_ai.response.model",
    "gen_ai.request.model",
    "llm.model_name",
    "ls_model_name",
    "response_model",
    "model_used",
    "llm_model",
)
"""Names of the model."""

PROVIDER = (
    "provider",
    "gen_ai.provider.name",
    "gen_ai.system",
    "llm.provider",
    "llm.system",
    "model_provider",
    "ls_provider",
    "custom_llm_provider",
)
"""Names of the company or service that runs the model."""

_PROVIDER_PREFIXES = (
    ("gpt-", "openai"),
    ("chatgpt-", "openai"),
    ("o1", "openai"),
    ("o3", "openai"),
    ("o4", "openai"),
    ("davinci", "openai"),
    ("text-davinci", "openai"),
    ("claude", "anthropic"),
    ("gemini", "google"),
    ("gemma", "google"),
    ("mistral", "mistral"),
    ("mixtral", "mistral"),
    ("codestral", "mistral"),
    ("ministral", "mistral"),
    ("magistral", "mistral"),
    ("devstral", "mistral"),
    ("command-", "cohere"),
    ("deepseek", "deepseek"),
    ("grok", "xai"),
    ("llama", "meta"),
    ("meta-llama", "meta"),
    ("qwen", "alibaba"),
    ("qwq", "alibaba"),
    ("kimi", "moonshot"),
    ("moonshot", "moonshot"),
    ("glm-", "zhipu"),
    ("nova-", "amazon"),
    ("titan-", "amazon"),
)
_PROVIDER_NAMES = {
    "openai": "openai",
    "azure": "azure",
    "anthropic": "anthropic",
    "google": "google",
    "google_genai": "google",
    "vertex_ai": "google",
    "gemini": "google",
    "bedrock": "bedrock",
    "mistralai": "mistral",
    "mistral": "mistral",
    "cohere": "cohere",
    "deepseek": "deepseek",
    "xai": "xai",
    "x-ai": "xai",
    "groq": "groq",
    "openrouter": "openrouter",
    "together_ai": "together",
    "fireworks_ai": "fireworks",
    "ollama": "ollama",
    "amazon": "amazon",
    "qwen": "alibaba",
}
"""Words before the first `/`, `:` or `.` of a model's name, as routers write them."""


def find_model(record: Any) -> str | None:
    """The model that a record names.

    >>> find_model({"model": "", "gen_ai.request.model": "gpt-4o"}), find_model({"model": {}})
    ('gpt-4o', None)
    """
    return find_text(record, MODEL)


def provider_of_model(model: str | None) -> str | None:
    """The provider that a model's name implies. Mark it as inferred: the log does not name it.

    >>> provider_of_model("gpt-4o-mini"), provider_of_model("anthropic/claude-sonnet-4")
    ('openai', 'anthropic')
    >>> provider_of_model("us.anthropic.claude-3-haiku"), provider_of_model("my-model")
    ('anthropic', None)
    """
    name = (model or "").strip().lower()
    if "/" in name or ":" in name:
        prefix = name.replace(":", "/").partition("/")[0]
        if prefix in _PROVIDER_NAMES:
            return _PROVIDER_NAMES[prefix]
    last = name.rpartition("/")[2]
    for word in (last, *last.split(".")):
        for prefix, provider in _PROVIDER_PREFIXES:
            if word.startswith(prefix):
                return provider
    return None


# --- ids -------------------------------------------------------------------------------------

SESSION = (
    "session_id",
    "sessionId",
    "session.id",
    "langfuse.session.id",
    "ai.telemetry.metadata.sessionId",
    "traceloop.association.properties.session_id",
    "gcp.vertex.agent.session_id",
    "langsmith.metadata.session_id",
    "mlflow.trace.session",
    "litellm_session_id",
)
"""Names of the session: several conversations or traces of one visit."""

CONVERSATION = (
    "conversation_id",
    "conversationId",
    "gen_ai.conversation.id",
    "conversation.id",
    "thread_id",
    "threadId",
    "thread.id",
    "gen_ai.thread.id",
    "traceloop.association.properties.thread_id",
    "traceloop.association.properties.conversation_id",
    "langsmith.metadata.thread_id",
    "langsmith.metadata.conversation_id",
    "chat_id",
    "chatId",
    "dialog_id",
    "dialogue_id",
    "convId",
    "message_tree_id",
    "group_id",
    "groupId",
)
"""Names of the conversation or thread."""

USER = (
    "user_id",
    "userId",
    "user.id",
    "enduser.id",
    "end_user_id",
    "langfuse.user.id",
    "ai.telemetry.metadata.userId",
    "traceloop.association.properties.user_id",
    "mlflow.trace.user",
    "user",
    "end_user",
    "customer_id",
)
"""Names of the person that the agent worked for."""

TRACE_METADATA = ("trace_metadata", "request_metadata")
"""Names of the object with the metadata of a whole trace."""


def find_id(record: Any, names: Iterable[str]) -> str | None:
    """The first id under these names: text that is not empty, or an integer.

    >>> find_id({"session_id": "", "conversation_id": 7}, SESSION + CONVERSATION)
    '7'
    >>> find_id({"session_id": True}, SESSION) is None
    True
    """
    if not isinstance(record, dict):
        return None
    given = cast("dict[str, Any]", record)
    for name in names:
        value = given.get(name)
        if value is None or value == "" or isinstance(value, bool):
            continue
        if isinstance(value, str | int):
            return str(value)
    return None


def find_text(record: Any, names: Iterable[str]) -> str | None:
    """The first text under these names that is not empty."""
    if not isinstance(record, dict):
        return None
    given = cast("dict[str, Any]", record)
    found = (given.get(name) for name in names)
    return next((value for value in found if isinstance(value, str) and value), None)


# --- times -----------------------------------------------------------------------------------

TIME = (
    "timestamp",
    "created_at",
    "createdAt",
    "start_time",
    "startTime",
    "started_at",
    "startedAt",
    "request_time",
    "request_created_at",
    "requestCreatedAt",
    "sent_at",
    "datetime",
    "date_time",
    "time",
    "ts",
    "date",
    "created",
    "create_time",
    "createTime",
    "completed_at",
    "created_date",
)
"""Names of the time at which something happened."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST, _LAST = 946_684_800, 4_102_444_800
"""The years 2000 and 2100 in seconds since 1970."""


def time_of_number(value: Any) -> str | None:
    """A time in seconds, milliseconds, microseconds or nanoseconds since 1970, as ISO 8601.

    >>> time_of_number(1767323045), time_of_number(1767323045123), time_of_number(12)
    ('2026-01-02T03:04:05Z', '2026-01-02T03:04:05.123Z', None)
    >>> time_of_number(1767323045123456789)
    '2026-01-02T03:04:05.123456Z'
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    for unit in (1, 1_000, 1_000_000, 1_000_000_000):
        if _FIRST <= value / unit < _LAST:
            return _iso(value, unit)
    return None


def _iso(value: float, unit: int) -> str:
    if isinstance(value, int):
        microseconds = value * 1_000_000 // unit
    else:
        microseconds = round(value * 1_000 / unit) * 1_000
    moment = _EPOCH + timedelta(microseconds=microseconds)
    digits = "microseconds" if microseconds % 1_000 else "milliseconds"
    text = moment.isoformat(timespec=digits).removesuffix("+00:00")
    return text.removesuffix(".000") + "Z"


# --- roles -----------------------------------------------------------------------------------

ROLES: dict[str, Role] = {
    "user": "user",
    "human": "user",
    "prompter": "user",
    "customer": "user",
    "client": "user",
    "caller": "user",
    "visitor": "user",
    "guest": "user",
    "patient": "user",
    "student": "user",
    "enduser": "user",
    "end_user": "user",
    "user_message": "user",
    "question": "user",
    "assistant": "assistant",
    "ai": "assistant",
    "ai_assistant": "assistant",
    "gpt": "assistant",
    "llm": "assistant",
    "model": "assistant",
    "bot": "assistant",
    "chatbot": "assistant",
    "chatgpt": "assistant",
    "bing": "assistant",
    "bard": "assistant",
    "agent": "assistant",
    "virtual_agent": "assistant",
    "virtual_assistant": "assistant",
    "support": "assistant",
    "support_agent": "assistant",
    "supervisor": "assistant",
    "representative": "assistant",
    "rep": "assistant",
    "operator": "assistant",
    "advisor": "assistant",
    "answer": "assistant",
    "response": "assistant",
    "system": "system",
    "developer": "developer",
}
"""Words for a speaker, as `word_of` writes them, and the role of the trace. All people and programs
on the answering side of a conversation are its assistant."""

OBSERVATION = "observation"
"""The `source` of an output of the environment that answers no call, in traces of this package."""

TOOL_ROLES = frozenset(
    (
        "tool",
        "function",
        "ipython",
        "observation",
        "toolresult",
        "tool_result",
        "tool_call_result",
        "tool_response",
        "function_response",
    )
)
"""Words for the speaker of a tool's result."""


def word_of(speaker: str) -> str:
    """A word for a speaker as the tables have it.

    >>> word_of("Support Agent"), word_of("end-user")
    ('support_agent', 'end_user')
    """
    return speaker.strip().lower().replace(" ", "_").replace("-", "_")


def role(word: Any) -> Role | None:
    """The role that a word for a speaker means, or None.

    >>> role("Human"), role("model"), role("Support Agent"), role("narrator"), role(None)
    ('user', 'assistant', 'assistant', None, None)
    """
    if not isinstance(word, str):
        return None
    return ROLES.get(word) or ROLES.get(word_of(word))


def is_tool(word: Any) -> bool:
    """True if a word for a speaker means a tool."""
    return isinstance(word, str) and word_of(word) in TOOL_ROLES


# --- tags ------------------------------------------------------------------------------------

TAGS = (
    "tags",
    "tag.tags",
    "langfuse.trace.tags",
    "langsmith.trace.tags",
    "langsmith.span.tags",
    "logfire.tags",
    "ai.telemetry.metadata.tags",
    "traceloop.association.properties.tags",
    "metadata.tags",
)
"""Names of the tags of a record."""


def tags(value: Any) -> list[str]:
    """The tags in a value: a list of texts or names, one text with separators, or JSON of a list.

    >>> tags(["a", "", "b", 3]), tags("a, b"), tags('["a, b"]'), tags(None), tags({"k": "v"})
    (['a', 'b'], ['a', 'b'], ['a, b'], [], [])
    >>> tags("a; b"), tags("a|b"), tags([{"name": "a"}])
    (['a', 'b'], ['a', 'b'], ['a'])
    """
    match value:
        case str() if value.lstrip().startswith("["):
            found: list[Any] = _json_list(value)
        case str():
            separator = next((each for each in ",;|" if each in value), ",")
            found = value.split(separator)
        case [*found]:
            pass
        case _:
            return []
    return list(dict.fromkeys(filter(None, map(_name_of_tag, found))))


def _name_of_tag(value: Any) -> str:
    match value:
        case str(name) | {"name": str(name)}:
            return name.strip()
        case _:
            return ""


def _json_list(text: str) -> list[Any]:
    try:
        return msgspec.json.decode(text, type=list[Any])
    except (msgspec.MsgspecError, RecursionError):
        return text.strip("[] ").split(",")


def find_tags(*records: Any) -> list[str]:
    """The tags of several records, each tag once, in order.

    >>> find_tags({"tags": ["a"]}, {"tags": ["b", "a"]}, None)
    ['a', 'b']
    """
    objects = [cast("dict[str, Any]", record) for record in records if isinstance(record, dict)]
    found = (tags(given[name]) for given in objects for name in TAGS if name in given)
    return list(dict.fromkeys(tag for each in found for tag in each))
