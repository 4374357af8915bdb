"""What tests of the teachers share: examples, and how to relabel them."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from tests.training.openai_server import KEY, OpenAIServer
from trace_assets.training.cache import AnswerCache
from trace_assets.training.endpoint import Endpoint
from trace_assets.training.relabel import Relabelled, RelabelSettings, relabelled

JOB = {"task_description": "You answer questions about accounts of a bank."}
MEMBERS = ("one", "two", "three")

WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "parameters": {
            "type": "object",
            "properties": {
                "city": {"type": "string"},
                "unit": {"type": "string", "default": "celsius"},
            },
            "required": ["city"],
        },
    },
}


@dataclass(frozen=True)
class Asked:
    """One example."""

    example_id: str
    messages: list[dict[str, Any]]
    label: Any
    tools: list[dict[str, Any]] = field(default_factory=list)
    trace_id: str = "t"
    turn: int | None = 0


def asked(number: int = 0, said: str = "Original.") -> Asked:
    question = {"role": "user", "content": f"What is my balance, number {number}?"}
    return Asked(f"t{number}:1", [question], {"role": "assistant", "content": said})


def call(name: str, arguments: str, call_id: str = "call_1") -> dict[str, Any]:
    function = {"name": name, "arguments": arguments}
    made = [{"id": call_id, "type": "function", "function": function}]
    return {"role": "assistant", "content": None, "tool_calls": made}


def asked_weather(arguments: str = '{"city": "Bonn"}') -> Asked:
    question = {"role": "user", "content": "How is the weather in London?"}
    return Asked("w:1", [question], call("get_weather", arguments), [WEATHER])


def endpoint_of(server: OpenAIServer, **limits: Any) -> Endpoint:
    return Endpoint(url=server.url, key=SecretStr(KEY), **limits)


def settings_of(endpoint: Endpoint | None, *members: str) -> RelabelSettings:
    return RelabelSettings(
        relabel=True,
        teacher_model_name="arbiter",
        relabelling_committee_models=members or MEMBERS,
        endpoint=endpoint,
    )


def relabel(
    examples: list[Asked], server: OpenAIServer, cache: Path, *members: str, **limits: Any
) -> list[Relabelled[Asked]]:
    settings = settings_of(endpoint_of(server, **limits), *members)
    with AnswerCache(cache) as answers:
        found = relabelled(examples, job_description=JOB, settings=settings, cache=answers)
        return list(found)
