"""What tests of the teachers share: examples, and how to relabel them."""

import time
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from tests.training.openai_server import KEY, OpenAIServer
from trace_assets.training.cache import AnswerCache
from trace_assets.training.endpoint import Endpoint
from trace_assets.training.examples import Example
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


def example_of(
    example_id: str,
    messages: list[Any],
    label: Any,
    tools: list[Any] | None = None,
    turn: int | None = 0,
) -> Example:
    return Example(example_id, "t", turn, messages, label, tools or [])


def asked(number: int = 0, said: str = "Original.") -> Example:
    question = {"role": "user", "content": f"What is my balance, number {number}?"}
    return example_of(f"t{number}:1", [question], {"role": "assistant", "content": said})


def call(name: str, arguments: str, call_id: str = "call_1") -> dict[str, Any]:
    function = {"name": name, "arguments": arguments}
    made = [{"id": call_id, "type": "function", "function": function}]
    return {"role": "assistant", "content": None, "tool_calls": made}


def asked_weather(arguments: str = '{"city": "Bonn"}') -> Example:
    question = {"role": "user", "content": "How is the weather in London?"}
    return example_of("w:1", [question], call("get_weather", arguments), [WEATHER])


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
    examples: list[Example], server: OpenAIServer, cache: Path, *members: str, **limits: Any
) -> list[Relabelled]:
    settings = settings_of(endpoint_of(server, **limits), *members)
    with AnswerCache(cache) as answers:
        found = relabelled(examples, job_description=JOB, settings=settings, cache=answers)
        return list(found)


def wait_until_answers_are_kept(path: Path, count: int) -> None:
    """The last ones that were sent may be on their way from the server to the disk."""
    kept = 0
    with AnswerCache(path) as cache:
        for _ in range(500):
            [kept] = cache._database.execute("SELECT count(*) FROM answers").fetchone()
            if kept >= count:
                return
            time.sleep(0.02)
    raise AssertionError(f"{kept} answers kept; expected {count}")
