"""tau2-bench simulations: what an agent, a simulated user and their tools said to one another.

Source: https://github.com/sierra-research/tau2-bench, `src/tau2/data_model/` (`Results`,
`SimulationRun`, `Message`), and the LatticeFlow tutorial on converting its logs (seed 000).
Observed: one document `{timestamp, info, tasks, simulations}`; the same with other keys around
`simulations`; a bare list; one simulation per file, whole or under `simulation_run`; a folder with
`results.json` and a file per simulation; runs under `task_results[].trajectory`; training examples
under `splits` with OpenAI-shaped tool calls. Both sides call tools. A tool result's `id` is the id
of its call; it can be missing or empty, and call ids can be empty or repeat.
Residue: every other key of a message is an extra key of the first item made from it, every other
key of a simulation is in `metadata.extra`. `info`, `tasks` and what else stands around the
simulations is kept once per file as context.
Dropped on purpose: nothing.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from trace_assets.formats import Claim, Converted, Format, UnknownShapeError
from trace_assets.reading import Record, Shape
from trace_assets.trace import build

COLUMNS = ("simulation_id", "task_id", "trial", "agent_cost", "user_cost")
COLUMNS += ("domain", "reward", "termination_reason")

SHAPE = Shape(
    arrays=("simulations", "task_results", "splits/*", "execution_events"),
    objects=("simulation_run",),
    whole=("messages",),
    first=("info", "config", "model", "agent", "domain"),
)


def detect(documents: Sequence[Any]) -> Claim | None:
    """Claim results files by their wrapper, and lone simulations by the fields only they have."""
    for document in documents[:3]:
        match document:
            case {"simulations": [{"messages": _, "task_id": _}, *_]}:
                return Claim(3, "`simulations` holds objects with `task_id` and `messages`")
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
            case {"execution_events": list(), "state_snapshots": _} | {
                "execution_events": [{"event_type": _, "tool_name": _}, *_]
            }:
                return Claim(3, "`execution_events` is a tool log of tau2-enhanced")
            case [first, *_] if _is_simulation(first):
                return Claim(2, "a list of objects with `task_id`, `termination_reason`, `messages`")
            case dict() if _is_simulation(document):
                return Claim(2, "an object with `task_id`, `termination_reason` and `messages`")
            case _:
                pass
    return None


def convert(record: Record, context: Mapping[str, Any]) -> Converted:
    """One simulation as one trace."""
    simulation, around = _simulation_of(record.value)
    messages: Any
    match simulation:
        case {"messages": list() | None as messages, **rest}:
            pass
        case _:
            raise UnknownShapeError(
                "", f"expected a simulation with a list `messages`, found {_sketch(simulation)}"
            )
    own_id = rest.get("id") or rest.get("simulation_id")
    trace_id = str(own_id) if isinstance(own_id, str | int) else build.record_id(record.raw)
    agent = _agent_of(context)
    metadata: dict[str, Any] = {"trace_id": trace_id}
    metadata |= {key: value for key, value in agent.items() if isinstance(value, str)}
    start, duration = rest.get("start_time"), rest.get("duration")
    if build.is_time(start):
        metadata["created_at"] = start
    if isinstance(duration, int | float) and not isinstance(duration, bool):
        metadata["total_time"] = duration
    return Converted(
        trace={
            "FORMAT": "open_responses",
            "items": _Conversation(trace_id).items_of(messages or []),
            "metadata": {**metadata, "extra": {**rest, **around}},
        },
        columns=_columns(rest, context),
    )


class _Call(NamedTuple):
    original_id: str
    call_id: str
    created_by: str
    batch: int


class _Conversation:
    """The items of one simulation, made in one walk over its messages."""

    def __init__(self, trace_id: str) -> None:
        self.trace_id = trace_id
        self.items: list[dict[str, Any]] = []
        self.open: dict[str, list[_Call]] = {}  # calls without a result, oldest first, by requestor
        self.batches: dict[str, int] = {}  # how many messages with calls each requestor has sent
        self.repeated: frozenset[str] = frozenset()

    def items_of(self, messages: list[Any]) -> list[dict[str, Any]]:
        self.repeated = build.repeated(_call_ids(messages))
        for number, message in enumerate(messages):
            try:
                self.add(message)
            except UnknownShapeError as error:
                pointer = f"/messages/{number}{error.pointer}"
                raise UnknownShapeError(pointer, str(error), reason=error.reason) from error
        return self.items

    def add(self, message: Any) -> None:
        match message:
            case {"role": "tool", "tool_messages": [*results], **rest}:
                self.add_results(results, {key: value for key, value in rest.items() if key != "role"})
            case {"role": "tool", **rest}:
                self.add_result(rest)
            case {"role": "user" | "assistant" as role, "tool_calls": [_, *_] as calls, **rest}:
                self.add_calls(role, calls, self.add_text(role, rest))
            case {"role": "user" | "assistant" | "system" | "developer" as role, **rest}:
                rest = self.add_text(role, rest)
                if rest is not None:
                    self.items.append(build.message(self.next_id(), role, [], rest))
            case _:
                raise UnknownShapeError(
                    "", f"expected a role of user, assistant, system or tool, found {_sketch(message)}"
                )

    def next_id(self) -> str:
        return f"{self.trace_id}:{len(self.items)}"

    def add_text(self, role: str, rest: dict[str, Any]) -> dict[str, Any] | None:
        """Add the message item and return None; or, where there is no text, return the residue."""
        content = rest.get("content")
        if not content:
            return rest
        del rest["content"]
        self.items.append(build.message(self.next_id(), role, _parts(role, content), rest))
        return None

    def add_calls(self, role: str, calls: list[Any], rest: dict[str, Any] | None) -> None:
        self.batches[role] = batch = self.batches.get(role, 0) + 1
        for position, call in enumerate(calls):
            original_id, name, arguments, more = _call_parts(call, position)
            call_id = self.call_id(original_id)
            residue = {"created_by": role, **more}
            if rest:
                residue, rest = build.joined(residue, rest, prefix="message_"), None
            item = build.function_call(
                self.next_id(),
                call_id,
                name=name,
                arguments=build.json_text(arguments),
                original_call_id=original_id,
                rest=residue,
            )
            self.items.append(item)
            self.open.setdefault(role, []).append(_Call(original_id, call_id, role, batch))

    def call_id(self, original_id: str) -> str:
        """The id that links call and output: of the log's own id where that names one call only."""
        if original_id in self.repeated:
            return build.short_id(f"{self.trace_id}:{len(self.items)}")
        return build.short_id(original_id)

    def add_results(self, results: list[Any], rest: dict[str, Any]) -> None:
        """Add each result of a MultiToolMessage; what stands around them goes to the first."""
        for position, result in enumerate(results):
            if not isinstance(result, dict):
                raise UnknownShapeError(
                    f"/tool_messages/{position}", f"expected a tool message, found {_sketch(result)}"
                )
            own = {key: value for key, value in result.items() if key != "role"}
            self.add_result(own if position else build.joined(own, rest, prefix="multi_"))

    def add_result(self, rest: dict[str, Any]) -> None:
        original_id = rest.pop("id", None)
        if original_id is None:
            original_id = rest.pop("tool_call_id", None)
        requestor = rest.get("requestor")
        call = self.answered(original_id, requestor)
        if call is None:
            # No call left to answer: the output stands alone, under an id of its own.
            named = isinstance(original_id, str) and original_id not in self.repeated
            call_id = self.call_id(original_id if named else "")
        else:
            call_id = call.call_id
        created_by = call.created_by if call else requestor
        content = rest.pop("content", "")
        residue = {"created_by": created_by, **rest}
        if content is None:
            content, residue["content"] = "", None
        item = build.function_call_output(
            self.next_id(),
            call_id,
            output=build.json_text(content),
            is_error=rest.get("error") is True,
            original_call_id=original_id,
            rest=residue,
        )
        self.items.append(item)

    def answered(self, original_id: Any, requestor: Any) -> _Call | None:
        """Take the call that a result answers: by id, else the oldest of the latest calls."""
        sides = [requestor] if requestor in ("user", "assistant") else ["assistant", "user"]
        for side in sides:
            for position, call in enumerate(self.open.get(side, ())):
                if original_id and call.original_id == original_id:
                    return self.open[side].pop(position)
        for side in sides:
            for position, call in enumerate(self.open.get(side, ())):
                # A call of an earlier message that got no result does not steal a later one.
                if call.batch == self.batches[side] and not (original_id and call.original_id):
                    return self.open[side].pop(position)
        return None


def _is_simulation(value: Any) -> bool:
    match value:
        case {"messages": list() | None, "task_id": _, "termination_reason": _}:
            return True
        case {"messages": [{"turn_idx": _}, *_], "task_id": _, "trial": _}:
            return True
        case {"task_id": _, "trajectory": {"messages": list() | None}}:
            return True
        case _:
            return False


def _simulation_of(value: Any) -> tuple[Any, dict[str, Any]]:
    """The simulation inside a record, and what a run report wraps around it."""
    match value:
        case {"trajectory": {"messages": _} as simulation, **around}:
            return simulation, {"task_result": around}
        case {"event_type": str(kind), "level": _}:
            raise UnknownShapeError(
                "",
                f"a {kind} of an execution log: it holds no message; the conversation is in the "
                "results file of the same run",
                reason="no_conversation",
            )
        case _:
            return value, {}


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


def _call_ids(messages: list[Any]) -> list[str]:
    ids: list[str] = []
    for message in messages:
        match message:
            case {"tool_calls": [_, *_] as calls}:
                ids += [str(call.get("id") or "") for call in calls if isinstance(call, dict)]
            case _:
                pass
    return ids


def _call_parts(call: Any, position: int) -> tuple[str, str, Any, dict[str, Any]]:
    """Original id, name, arguments and the rest of a tool call, in tau2's shape or OpenAI's."""
    match call:
        case {"name": str(name), **rest}:
            arguments = rest.pop("arguments", "")
        case {"function": {"name": str(name), **function}, **rest}:
            arguments = function.pop("arguments", "")
            rest |= build.prefixed("function_", function)
        case _:
            raise UnknownShapeError(
                f"/tool_calls/{position}", f"expected a call with a `name`, found {_sketch(call)}"
            )
    original_id = rest.pop("id", "")
    if not isinstance(original_id, str):
        rest["original_id"], original_id = original_id, "" if original_id is None else str(original_id)
    return original_id, name, arguments, rest


def _parts(role: str, content: Any) -> list[dict[str, Any]]:
    match content:
        case str():
            return [build.text_part(role, content)]
        case [*parts] if all(isinstance(part, dict) and "text" in part for part in parts):
            return [_part(role, part) for part in parts]
        case _:
            raise UnknownShapeError("/content", f"expected text, found {_sketch(content)}")


def _part(role: str, part: dict[str, Any]) -> dict[str, Any]:
    match part:
        case {"type": "text", "text": str(text), **rest}:
            return build.text_part(role, text, rest)
        case _:
            raise UnknownShapeError("/content", f"expected a text part, found {_sketch(part)}")


def _sketch(value: Any) -> str:
    """What was found, in words for an error message: kinds and keys, never the log's own text."""
    if isinstance(value, dict):
        keys = ", ".join(f"`{str(key)[:40]}`" for key in list(value)[:8])
        return f"an object with {keys or 'no keys'}"
    return "null" if value is None else f"a {type(value).__name__}"


FORMAT = Format(
    name="tau2bench",
    spec_url="https://github.com/sierra-research/tau2-bench",
    detect=detect,
    shape=SHAPE,
    convert=convert,
    columns=COLUMNS,
    docs=__doc__ or "",
)
