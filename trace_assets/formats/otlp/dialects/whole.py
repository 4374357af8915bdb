"""Backends that take OTLP with an input and an output for each span, as JSON: MLflow and Langfuse.

Source: https://github.com/mlflow/mlflow (`mlflow/tracing/constant.py`) and
https://langfuse.com/integrations/native/opentelemetry#property-mapping. Every value of MLflow's is
JSON, texts in quotes too.
"""

from typing import Any, NamedTuple, cast

from trace_assets.formats.otlp import said
from trace_assets.formats.otlp.dialect import Dialect, Ran, Talk, take
from trace_assets.formats.otlp.neutral import Kind
from trace_assets.formats.otlp.values import Attributes, opened, opened_text

_KINDS: dict[str, Kind] = {
    "llm": "model",
    "chat_model": "model",
    "generation": "model",
    "tool": "tool",
    "agent": "agent",
}


class _Names(NamedTuple):
    """What a backend calls things."""

    kind: str
    given: str
    made: str
    usage: str
    tools: str


_MLFLOW = _Names(
    "mlflow.spanType",
    "mlflow.spanInputs",
    "mlflow.spanOutputs",
    "mlflow.chat.tokenUsage",
    "mlflow.chat.tools",
)
_LANGFUSE = _Names(
    "langfuse.observation.type",
    "langfuse.observation.input",
    "langfuse.observation.output",
    "langfuse.observation.usage_details",
    "langfuse.observation.tools",
)


def _dialect(names: _Names, root: str, models: tuple[str, ...]) -> Dialect:
    def kind(left: Attributes) -> Kind | None:
        own = opened_text(left.get(names.kind))
        return _KINDS.get(own.lower(), "other") if isinstance(own, str) and own else None

    def talk(left: Attributes) -> Talk:
        return Talk(said.take(left, names.given, "user"), said.take(left, names.made, "assistant"))

    def usage(left: Attributes) -> dict[str, Any]:
        found = opened(left.get(names.usage))
        if not isinstance(found, dict) or not found:
            return {}
        del left[names.usage]
        return cast("Attributes", found)

    def tools(left: Attributes) -> list[Any]:
        found = opened(left.get(names.tools))
        if not isinstance(found, list) or not found:
            return []
        del left[names.tools]
        return cast("list[Any]", found)

    def ran(left: Attributes) -> Ran:
        given, made = take(left, names.given), take(left, names.made)
        return Ran(None, None, _plain(given), _plain(made))

    return Dialect(
        roots=(root,),
        kind=kind,
        models=models,
        usage=usage,
        tools=tools,
        talk=talk,
        around=talk,
        ran=ran,
    )


def _plain(value: Any) -> Any:
    """Text without the quotes that JSON puts around it."""
    found = opened_text(value)
    return found if isinstance(found, str) else value


MLFLOW = _dialect(_MLFLOW, "mlflow", ("mlflow.llm.model",))
LANGFUSE = _dialect(
    _LANGFUSE, "langfuse", ("langfuse.observation.model.name", "langfuse.observation.model")
)
