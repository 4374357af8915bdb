"""Harbor's ATIF trajectories: what a user, an agent and the agent's tools said, step by step.

Source: https://github.com/harbor-framework/harbor, the RFC of the Agent Trajectory Interchange
Format and `src/harbor/models/trajectories/`; ATIF-v1.0 to v1.8.
Observed: one trajectory per document, pretty-printed or one per line; several under `trajectories`,
or side by side under `parent` and `child`. The `source` of a step is `system`, `user` or `agent`.
An agent's step may have reasoning, tool calls and an observation with results. A result with a call
id is the output of that call. A result without one is the output of the first call of its step that
no result names; in a step with nothing but an observation, of the step before. If there is no such
call, as when an agent writes commands into its text, the result is output of the environment: a
`function_call_output` without a call, with `name: environment`, `source: observation` and a call id
of its own. It begins no turn and does not cause the tag `orphan_output`. Training data leaves it
out and counts it under `results_of_no_call`. Messages and results are text or parts: text, images
and sound by their path. Steps with `is_copied_context` are history of another trajectory: their
tokens are not counted, and their answers are no labels in training data. Sub-agents are embedded
(`subagent_trajectories`, from v1.7) or only named by `subagent_trajectory_ref`, as is what follows
by `continued_trajectory_ref`.
Residue: other keys of a step are extra keys of its first item, tokens among them as `usage`, price
as `cost`; those of copied steps stay under `metrics`, for they were counted before. The other keys
of a trajectory are in `metadata.extra`, tool definitions also as `tools`, in the form of OpenAI's
functions. Where sub-agents are embedded the trace has events: a span
for each agent, with what was said and called in it; a sub-agent's other keys are in the metadata of
its span.
Dropped on purpose: the word `agent` of a step's `source`, for which its items say `assistant`.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from trace_assets import vocabulary
from trace_assets.chat import tools
from trace_assets.formats import Claim, Converted, Format, UnknownShapeError
from trace_assets.formats.atif.agents import Agent
from trace_assets.formats.atif.events import events_of
from trace_assets.formats.atif.steps import is_copied, items_of
from trace_assets.guards import Kinds, texts_at
from trace_assets.reading import Record, Shape
from trace_assets.trace import build

COLUMNS = ("session_id", "trajectory_id", "agent_version", "schema_version")

SHAPE = Shape(
    arrays=("trajectories",),
    objects=("trajectory", "parent", "child"),
    whole=("schema_version", "steps"),
)

_MOST_AGENTS = 10_000
"""A trajectory with more agents in it is no log."""


def detect(documents: Sequence[Any]) -> Claim | None:
    """Claim trajectories by the version that they name, else by their steps."""
    return next(filter(None, map(_claim, documents)), None)


def _claim(document: Any) -> Claim | None:
    match document:
        case {"trajectories": [inner, *_]} | [inner, *_] | {"trajectory": inner}:
            pass
        case {"parent": {"steps": _} as inner}:
            pass
        case _:
            inner = document
    match inner:
        case {"schema_version": str(version), **rest} if version.startswith("ATIF-v"):
            return Claim(3, f"`schema_version` is {version[:20]}") if "steps" in rest else None
        case {"steps": [{"step_id": _, "source": "user" | "agent" | "system"}, *_], "agent": _}:
            return Claim(2, "`steps` with a `step_id` and a `source` each, beside an `agent`")
        case _:
            return None


def convert(record: Record, _context: Mapping[str, Any]) -> Converted:
    """One trajectory, with those embedded in it, as one trace."""
    agents = _agents(record.value)
    main = agents[0]
    trace_id = _own_id(main.rest, ("trajectory_id", "session_id")) or build.record_id(record.raw)
    conversations = [items_of(agent, trace_id + agent.pointer) for agent in agents]
    extra = main.rest
    if offered := tools.functions_of(*_definitions(main)):
        extra = build.joined({"tools": offered}, extra, prefix="original_")
    metadata: dict[str, Any] = {"trace_id": trace_id, **_known(main), "extra": extra}
    if tags := vocabulary.find_tags(main.rest, main.rest.get("extra")):
        metadata["tags"] = tags
    trace: dict[str, Any] = {
        "FORMAT": "open_responses",
        "items": conversations[0],
        "metadata": metadata,
    }
    if len(agents) > 1:
        trace["events"] = events_of(agents, conversations, trace_id)
    return Converted(trace, _columns(main))


# --- trajectories ----------------------------------------------------------------------------


def _agents(value: Any) -> list[Agent]:
    """The trajectory of a record, then those inside it, each behind the one that holds it."""
    agents: list[Agent] = []
    pending: list[tuple[Any, str, int]] = [(value, "", -1)]
    while pending:
        trajectory, pointer, parent = pending.pop()
        match trajectory:
            case {"steps": [*steps], **rest}:
                pass
            case _:
                raise UnknownShapeError(
                    pointer, "expected a trajectory with a list `steps`, found none"
                )
        match rest:
            case {"subagent_trajectories": [*inner], **others}:
                rest = others
            case _:
                inner = []
        agents.append(Agent(rest, steps, pointer, parent))
        if len(agents) > _MOST_AGENTS:
            raise UnknownShapeError(pointer, f"more than {_MOST_AGENTS} embedded trajectories")
        number = len(agents) - 1
        places = [f"{pointer}/subagent_trajectories/{n}" for n in range(len(inner))]
        pending += [(one, place, number) for one, place in zip(inner, places, strict=True)][::-1]
    return agents


def _own_id(rest: Mapping[str, Any], names: Sequence[str]) -> str:
    """The first of a trajectory's ids that is there; "" if none is."""
    for name in names:
        match rest.get(name):
            case str(own) if own:
                return own
            case int(own) if not isinstance(own, bool):
                return str(own)
            case _:
                pass
    return ""


def _definitions(main: Agent) -> Sequence[Any]:
    """What a trajectory defines as tools, which training reads under `tools`."""
    agent = main.rest.get("agent")
    places = (main.rest, cast("dict[str, Any]", agent) if isinstance(agent, dict) else {})
    return [place[name] for place in places for name in tools.NAMES if name in place]


def _known(main: Agent) -> dict[str, Any]:
    """What a trajectory says of itself as a whole."""
    agent = main.rest.get("agent")
    own = cast("dict[str, Any]", agent) if isinstance(agent, dict) else {}
    steps = [cast("dict[str, Any]", step) for step in main.steps if isinstance(step, dict)]
    models = [own.get("model_name"), *(step.get("model_name") for step in steps)]
    stamps = (step.get("timestamp") for step in steps if not is_copied(step))
    known = {
        "agent": own.get("name"),
        "model": next((model for model in models if isinstance(model, str) and model), None),
        "created_at": next(filter(build.is_time, stamps), None),
    }
    found = {key: value for key, value in known.items() if isinstance(value, str)}
    return found | _totals(main.rest, steps)


def _totals(rest: Mapping[str, Any], steps: list[dict[str, Any]]) -> dict[str, Any]:
    """The tokens of all steps, where only the trajectory as a whole says how many they were.

    The sum includes the tokens of copied steps, which are counted in another trajectory.
    """
    if any(step.get("metrics") or is_copied(step) for step in steps):
        return {}
    match rest.get("final_metrics"):
        case {"total_prompt_tokens": int(given), "total_completion_tokens": int(made)}:
            return {"total_tokens": given + made}
        case _:
            return {}


def _columns(main: Agent) -> dict[str, Any]:
    match main.rest.get("agent"):
        case {"version": str(version)}:
            pass
        case _:
            version = None
    columns = {name: main.rest.get(name) for name in COLUMNS if name != "agent_version"}
    return columns | {"agent_version": version}


KNOWN_KINDS = frozenset(
    (
        "source/agent",
        "source/assistant",
        "source/user",
        "source/system",
        "block/text",
        "block/image",
        "block/image_url",
        "block/audio",
        "block/video",
        "block/file",
    )
)
"""The sources of steps and the types of the parts of their messages."""


def kinds_of(value: Any) -> Iterable[str]:
    """The sources of steps and the types of the parts of their messages."""
    yield from texts_at(value, ("steps", "*", "source"), "source/")
    yield from texts_at(value, ("steps", "*", "message", "*", "type"), "block/")


FORMAT = Format(
    name="atif",
    spec_url="https://github.com/harbor-framework/harbor",
    detect=detect,
    shape=SHAPE,
    convert=convert,
    columns=COLUMNS,
    docs=__doc__ or "",
    kinds=Kinds(KNOWN_KINDS, kinds_of),
)
