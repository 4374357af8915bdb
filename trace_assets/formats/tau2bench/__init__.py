"""tau2-bench simulations: what an agent, a simulated user and their tools said to one another.

Source: https://github.com/sierra-research/tau2-bench, `src/tau2/data_model/` (`Results`,
`SimulationRun`, `Message`), and the LatticeFlow tutorial on converting its logs (seed 000).
Observed: one document `{timestamp, info, tasks, simulations}`; the same with other keys around
`simulations`; a bare list; one simulation per file, whole or under `simulation_run`; a folder with
`results.json` and a file per simulation; runs under `task_results[].trajectory`; training examples
under `splits` with OpenAI-shaped tool calls; voice runs, whose `messages` is null and whose `ticks`
hold what both sides say in pieces, merged into one message per utterance. Both sides call tools. A
tool result's `id` is the id of its call; it can be missing or empty, and call ids can be empty or
repeat.
Residue: every other key of a message is an extra key of the first item made from it, every other
key of a simulation is in `metadata.extra`. `info`, `tasks` and what else stands around the
simulations is kept once per file as context; that of a folder's `results.json` counts for the
simulations in the files beside and below it. What ticks hold except text, calls and results is in
`metadata.extra.ticks`.
Dropped on purpose: the second copy of a call that a tick has twice, in its piece and in its list of
calls.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from trace_assets import vocabulary
from trace_assets.formats import Claim, ContextOnlyError, Converted, Format, UnknownShapeError
from trace_assets.formats.tau2bench.conversation import items_of
from trace_assets.formats.tau2bench.ticks import messages_of
from trace_assets.guards import Kinds, texts_at
from trace_assets.reading import Record, Shape
from trace_assets.trace import build
from trace_assets.trace.build import Json

COLUMNS = (
    "simulation_id",
    "task_id",
    "trial",
    "agent_cost",
    "user_cost",
    "domain",
    "reward",
    "termination_reason",
)

SHAPE = Shape(
    arrays=("simulations", "task_results", "splits/*", "execution_events"),
    objects=("simulation_run",),
    whole=("messages", "ticks"),
    first=("info", "config", "model", "agent", "domain"),
)


def detect(documents: Sequence[Any]) -> Claim | None:
    """Claim results files by their wrapper, and lone simulations by the fields only they have."""
    claims = (_wrapper(document) or _simulations(document) for document in documents)
    return next(filter(None, claims), None)


def _wrapper(document: Any) -> Claim | None:
    match document:
        case {"simulations": [{"messages": _, "task_id": _}, *_]}:
            return Claim(3, "`simulations` holds objects with `task_id` and `messages`")
        case {"simulations": [{"ticks": [{"agent_chunk": _}, *_], "task_id": _}, *_]}:
            return Claim(3, "`simulations` holds objects with `task_id` and `ticks`")
        case {"simulations": list(), "info": {"agent_info": _, "user_info": _}}:
            return Claim(3, "`info` names an agent and a simulated user beside `simulations`")
        case {"info": {"agent_info": _, "user_info": _, "environment_info": _}}:
            return Claim(3, "`info` names an agent, a simulated user and an environment")
        case {"simulation_run": {"messages": _, "task_id": _}}:
            return Claim(3, "`simulation_run` holds a simulation")
        case {"task_results": [{"task_id": _, "trajectory": {"messages": _}}, *_]} | {
            "config": {"agent_llm": _, "user_llm": _}
        }:
            return Claim(3, "a run's `config` or `task_results` with a simulation each")
        case {"splits": {"train": [{"simulation_id": _, "messages": _}, *_]}}:
            return Claim(3, "`splits` holds messages with their `simulation_id`")
        case _:
            return None


def _simulations(document: Any) -> Claim | None:
    match document:
        case {"execution_events": list(), "state_snapshots": _} | {
            "execution_events": [{"event_type": _, "tool_name": _}, *_]
        }:
            return Claim(3, "`execution_events` is a tool log of tau2-enhanced")
        case [first, *_] if _is_simulation(first):
            return Claim(2, "a list of objects with `task_id`, `termination_reason`, `messages`")
        case dict() if _is_simulation(document):
            return Claim(2, "an object with `task_id`, `termination_reason` and `messages`")
        case _:
            return None


def convert(record: Record, context: Mapping[str, Any]) -> Converted:
    """One simulation as one trace. The record's value is used up: its dicts become the trace's."""
    rest, around = _simulation_of(record.value)
    messages = _messages_of(rest)
    trace_id = _own_id(rest) or build.record_id(record.raw)
    agent = _agent_of(context)
    metadata: dict[str, Any] = {"trace_id": trace_id}
    metadata |= {key: value for key, value in agent.items() if isinstance(value, str)}
    start, duration = rest.get("start_time"), rest.get("duration")
    if build.is_time(start):
        metadata["created_at"] = start
    if tags := vocabulary.find_tags(rest):
        metadata["tags"] = tags
    if isinstance(duration, int | float) and not isinstance(duration, bool):
        metadata["total_time"] = duration
    return Converted(
        trace={
            "FORMAT": "open_responses",
            "items": items_of(messages, trace_id),
            "metadata": {**metadata, "extra": _extra(rest, around)},
        },
        columns=_columns({**around, **rest}, context),
    )


def _messages_of(simulation: dict[str, Any]) -> list[Json]:
    """Take the messages out of a simulation; those of a voice run are made from its ticks."""
    messages: list[Json] = simulation.pop("messages", None) or []
    ticks: Json = simulation.get("ticks")
    return messages if messages or not isinstance(ticks, list) else messages_of(ticks)


def _is_simulation(value: Any) -> bool:
    match value:
        case {"messages": list() | None, "task_id": _, "termination_reason": _}:
            return True
        case {"ticks": [{"agent_chunk": _, "user_chunk": _}, *_], "task_id": _}:
            return True
        case {"messages": [{"turn_idx": _}, *_], "task_id": _, "trial": _}:
            return True
        case {"task_id": _, "trajectory": {"messages": list() | None}}:
            return True
        case _:
            return False


def _simulation_of(value: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """The simulation inside a record, and what a run report wraps around it."""
    match value:
        case {"messages": list() | None} | {"ticks": [_, *_]}:
            return value, {}
        case {
            "trajectory": {"messages": list() | None} | {"ticks": [_, *_]} as simulation,
            **around,
        }:
            return simulation, around
        case {"info": {"agent_info": _}} | {"info": {"environment_info": _}}:
            raise ContextOnlyError("`info` without simulations: they are in files of their own")
        case {"event_type": str(kind), "level": _}:
            raise UnknownShapeError(
                "",
                f"a {kind} of an execution log: it holds no message; the conversation is in the "
                "results file of the same run",
                reason="no_conversation",
            )
        case _:
            raise UnknownShapeError(
                "", f"expected a simulation with a list `messages`, found {build.sketch(value)}"
            )


def _agent_of(context: Mapping[str, Any]) -> dict[str, Any]:
    match context:
        case {"/info": {"agent_info": {"implementation": agent, "llm": model}}}:
            return {"agent": agent, "model": model}
        case {"/config": {"agent_llm": model}}:
            return {"model": model}
        case _:
            return {"agent": context.get("/agent"), "model": context.get("/model")}


def _columns(simulation: dict[str, Any], context: Mapping[str, Any]) -> dict[str, Any]:
    match context:
        case {"/info": {"environment_info": {"domain_name": domain}}}:
            pass
        case {"/config": {"domain": domain}} | {"/domain": domain}:
            pass
        case _:
            domain = None
    match simulation:
        case {"reward_info": {"reward": int() | float() as reward}}:
            pass
        case _:
            reward = simulation.get("reward")
    columns = {name: simulation.get(name) for name in COLUMNS}
    own_id = simulation.get("id", simulation.get("simulation_id"))
    return columns | {"simulation_id": own_id, "domain": domain, "reward": reward}


def _own_id(simulation: Mapping[str, Any]) -> str:
    """The simulation's own id, or "" where it has none."""
    for name in ("id", "simulation_id"):
        match simulation.get(name):
            case str() as own_id if own_id:
                return own_id
            case int() as own_id if not isinstance(own_id, bool):
                return str(own_id)
            case _:
                pass
    return ""


def _extra(rest: dict[str, Any], around: dict[str, Any]) -> dict[str, Any]:
    return build.joined(rest, {"task_result": around}, prefix="around_") if around else rest


SILENT = frozenset(
    ("raw_data", "policy", "reward_info", "review", "evaluation_criteria", "user_scenario")
)
"""What a provider said, which the message repeats, and what the run says about the simulation."""


KNOWN_KINDS = frozenset(("system", "developer", "user", "assistant", "tool"))
"""The roles of messages."""


def kinds_of(value: Any) -> Iterable[str]:
    """The roles of the messages of a simulation."""
    yield from texts_at(value, ("messages", "*", "role"))
    yield from texts_at(value, ("trajectory", "messages", "*", "role"))


FORMAT = Format(
    name="tau2bench",
    spec_url="https://github.com/sierra-research/tau2-bench",
    detect=detect,
    shape=SHAPE,
    convert=convert,
    columns=COLUMNS,
    docs=__doc__ or "",
    silent=SILENT,
    kinds=Kinds(KNOWN_KINDS, kinds_of),
)
