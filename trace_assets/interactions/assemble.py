"""A trace to interactions: steps, put into turns, named, tagged, each with its part of the log."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from trace_assets import vocabulary
from trace_assets.chat import tools
from trace_assets.interactions.config import InteractionsConfig
from trace_assets.interactions.conversation import steps_of_items
from trace_assets.interactions.groups import Group, group_of
from trace_assets.interactions.messages import Item
from trace_assets.interactions.model import Interaction, InteractionStep, Message
from trace_assets.interactions.names import Names
from trace_assets.interactions.originals import Original, Originals
from trace_assets.interactions.parts import Event
from trace_assets.interactions.sketch import Sketch, present
from trace_assets.interactions.spans import steps_of_events
from trace_assets.interactions.tags import Tags, step_tags
from trace_assets.interactions.times import has_zone, nanoseconds, placed_in_time, wall_time
from trace_assets.interactions.untold import untold

_TELLING = frozenset(("model_call_event", "function_call_event", "message_event"))
"""Events that hold what was said. Where there is none, the items alone tell it."""


class Conversed(NamedTuple):
    """A trace to make interactions of: one that loads in the model and keeps the rules."""

    trace: dict[str, Any]
    """As JSON has it."""
    trace_id: str
    source_uri: str | None = None
    records: Sequence[Original] = ()
    """The records that it was made from, where they are at hand."""


def interactions_of(
    conversed: Conversed, *, config: InteractionsConfig, names: Names
) -> list[Interaction]:
    """The interactions of one trace, in order; ids are unique among all that `names` has seen.

    Nothing is left out: each item, or each event where those tell the conversation, is in the `raw`
    of one step, in the words of the record where its part of it is found. Records without such a
    part, items that no event tells of, and the metadata of the trace are in the metadata of the
    first step.
    """
    trace = conversed.trace
    metadata: dict[str, Any] = trace.get("metadata") or {}
    sketches = _sketches(trace, metadata.get("model"))
    if config.per == "trace":
        for sketch in sketches:
            sketch.turn = 0
    _find_starts(sketches, metadata.get("created_at"))
    _set_times(sketches)
    _infer_providers(sketches)
    if workflow := _workflow(metadata):
        for sketch in sketches:
            sketch.metadata.setdefault("workflow_name", workflow)
    roots = (each for each in sketches if each.parent_span_id is None)
    told = (each.metadata.get("attributes") for each in roots)
    group = group_of([metadata.get("extra"), metadata, *told], trace_id=conversed.trace_id)
    made = _Maker(conversed, config, names, group)
    return made.interactions(sketches, metadata)


def _sketches(trace: dict[str, Any], model: Any) -> list[Sketch]:
    items: list[Item] = trace["items"]
    events: list[Event] = trace.get("events") or []
    of_events = steps_of_events(events)
    _set_turns(of_events)
    if any(event["type"] in _TELLING for event in events):
        of_events[0].metadata |= present(items=untold(items, events) or None)
        return of_events
    metadata: dict[str, Any] = trace.get("metadata") or {}
    extra: dict[str, Any] = metadata.get("extra") or {}
    offered = tools.names_of(tools.functions_of(extra.get("tools")))
    of_items = steps_of_items(items, model=model, tools=offered)
    last = of_items[-1].turn if of_items else 0
    for sketch in of_events:  # notes beside a conversation: nothing says in which turn
        sketch.turn = last
    return of_items + of_events


def _set_turns(sketches: Sequence[Sketch]) -> None:
    """Give all steps under one root the same turn, so that no parent is in another interaction.

    A root begins a turn when the first model call in it was given more user messages than any
    before: histories grow by what the user says, and what tools and sub-agents do shows less.
    """
    roots: dict[str | None, Sketch] = {}  # a span may have the id ""
    of_root: list[tuple[Sketch, Sketch]] = []
    users: dict[int, int] = {}
    said = 0
    for sketch in sketches:
        root = roots.get(sketch.parent_span_id, sketch)
        if sketch.span_id is not None:
            roots[sketch.span_id] = root
        of_root.append((sketch, root))
        if sketch.users is not None:
            is_message = sketch is root and sketch.kind == "other"
            said = said + sketch.users if is_message else max(said, sketch.users)
            users.setdefault(id(root), said)
    turn = most = 0
    for sketch, root in of_root:
        if sketch is root and (seen := users.get(id(root), 0)) > most:
            turn += 1 if most else 0
            most = seen
        sketch.turn = root.turn if sketch is not root else turn


def _workflow(metadata: dict[str, Any]) -> str | None:
    """The name of the workflow, which the log gives once for all spans of the trace."""
    return vocabulary.find_text(metadata.get("extra"), ("workflow_name",))


def _infer_providers(sketches: Sequence[Sketch]) -> None:
    """Name the provider that a model's name implies where the log names none; say that it is so."""
    for sketch in sketches:
        if sketch.provider is None and sketch.kind == "llm":
            sketch.provider = vocabulary.provider_of_model(sketch.model)
            if sketch.provider is not None:
                sketch.metadata["provider_from"] = "inferred from the name of the model"


def _find_starts(sketches: Sequence[Sketch], created_at: Any) -> None:
    """Where no step says when it started, take the time of what it answers, or of the trace."""
    for sketch in sketches:
        if nanoseconds(sketch.start) is None and nanoseconds(sketch.heard) is not None:
            sketch.start = sketch.heard
            sketch.metadata["start_from"] = "the message that the step answers"
    is_timeless = all(nanoseconds(sketch.start) is None for sketch in sketches)
    if sketches and is_timeless and nanoseconds(created_at) is not None:
        sketches[0].start = created_at
        sketches[0].metadata["start_from"] = "the start of the trace"


def _set_times(sketches: Sequence[Sketch]) -> None:
    for sketch in sketches:
        sketch.start_ns = nanoseconds(sketch.start)
        if sketch.start_ns is not None and not has_zone(sketch.start):
            sketch.metadata["start_zone"] = "none in the log; taken for UTC"
    placed = placed_in_time(sketch.start_ns for sketch in sketches)
    for sketch, start in zip(sketches, placed, strict=True):
        if sketch.start_ns is None and start is not None:
            sketch.start_ns = start
            sketch.metadata["start_from"] = "the step before; the log has no time for this one"


class _Maker:
    """What all interactions of a trace share."""

    def __init__(
        self, conversed: Conversed, config: InteractionsConfig, names: Names, group: Group
    ) -> None:
        trace = conversed.trace
        self._of = conversed
        self._config = config
        self._names = names
        self._group = group
        self._originals = Originals(conversed.records, trace["items"])
        self._tags = Tags.of_trace(trace.get("metadata") or {})
        self._ids: dict[str | None, str] = {}
        """The ids of the steps that are spans, by span."""

    def interactions(
        self, sketches: Sequence[Sketch], metadata: dict[str, Any]
    ) -> list[Interaction]:
        step_ids = [self._step_id(sketch, number) for number, sketch in enumerate(sketches)]
        raws = [self._raw(sketch) for sketch in sketches]
        if sketches:
            records = list(self._originals.rest())
            sketches[0].metadata |= present(trace=metadata or None, records=records or None)
        turns: dict[int, list[int]] = {}
        for number, sketch in enumerate(sketches):
            turns.setdefault(sketch.turn, []).append(number)
        made: list[Interaction] = []
        for turn, numbers in sorted(turns.items()):
            interaction_id = self._names.unique("interaction", self._wanted_id(turn))
            steps = [self._step(sketches[n], step_ids[n], raws[n], interaction_id) for n in numbers]
            heard = [nanoseconds(sketches[n].heard) for n in numbers]
            made.append(self._interaction(interaction_id, turn, steps, heard))
        return made

    def _step_id(self, sketch: Sketch, number: int) -> str:
        scoped = f"{self._of.trace_id}:{sketch.original_id or number}"
        wanted = [sketch.original_id] if sketch.original_id else []
        own = self._names.unique("step", *wanted, scoped)
        if sketch.span_id is not None:
            self._ids[sketch.span_id] = own
        return own

    def _wanted_id(self, turn: int) -> str:
        trace_id = self._of.trace_id
        return trace_id if self._config.per == "trace" else f"{trace_id}-turn-{turn}"

    def _raw(self, sketch: Sketch) -> dict[str, Any]:
        """Put the parts of the record in the place of those of the trace, where they are found."""
        places: list[str] = []
        if sketch.span_id is not None and (found := self._originals.of_span(sketch.span_id)):
            places.append(found.uri)
            raw, is_whole = found.value, True
        else:
            raw, is_whole = self._parts(sketch.raw, places)
        origin = "trace" if not places else "record" if is_whole else "record and trace"
        sketch.metadata |= {"raw_from": origin} | present(raw_at=places or None)
        return raw

    def _parts(self, raw: dict[str, Any], places: list[str]) -> tuple[dict[str, Any], bool]:
        parts: dict[str, Any] = {}
        is_whole = True
        for name, part in raw.items():
            if name == "events":
                return raw, False
            items = _items(part)
            found = [self._originals.of_item(item) for item in items]
            is_whole = is_whole and None not in found
            around = [self._originals.around(item) for item in items]
            for message in filter(None, around):
                parts["message"] = message.value
            places += [each.uri for each in (*around, *found) if each]
            values = [each.value if each else item for each, item in zip(found, items, strict=True)]
            parts[name] = values if isinstance(part, list) else values[0]
        return parts, is_whole

    def _step(
        self, sketch: Sketch, step_id: str, raw: dict[str, Any], interaction_id: str
    ) -> InteractionStep:
        about = present(
            trace_id=self._of.trace_id,
            source_uri=self._of.source_uri,
            original_id=sketch.original_id or None,
        )
        fields: dict[str, Any] = {
            "id": step_id,
            "parent_step_id": self._ids.get(sketch.parent_span_id),
            "interaction_id": interaction_id,
            "group_id": self._group.id,
            "name": sketch.name,
            "start_ns": sketch.start_ns,
            "duration_ns": sketch.duration_ns,
            "input_data": sketch.input_data,
            "output_data": sketch.output_data,
            "metadata": about | sketch.metadata,
            "raw": raw,
            "model": sketch.model,
            "input_messages": sketch.input_messages,
            "output_messages": sketch.output_messages,
            "usage": sketch.usage,
            "provider": sketch.provider,
        }
        tags = step_tags(fields, sketch, self._tags, self._config.roles)
        return InteractionStep(**fields, tags=tags)

    def _interaction(
        self,
        interaction_id: str,
        turn: int,
        steps: list[InteractionStep],
        heard: Sequence[int | None],
    ) -> Interaction:
        """One interaction; it begins when its first message was said."""
        moments = [(step.start_ns, step.duration_ns) for step in steps]
        start, duration = wall_time(moments + [(stamp, None) for stamp in heard])
        tags = present(
            trace_id=self._of.trace_id,
            source_uri=self._of.source_uri,
            turn=turn if self._config.per == "turn" else None,
            grouped_by=self._group.kind,
            renamed_from=wanted if (wanted := self._wanted_id(turn)) != interaction_id else None,
            tags=list(self._tags.of_log) or None,
        )
        return Interaction(
            id=interaction_id,
            steps=steps,
            start_ns=start,
            duration_ns=duration,
            group_id=self._group.id,
            name=f"turn {turn}" if self._config.per == "turn" else steps[0].name,
            description=_asked(steps),
            tags=tags,
        )


def _items(part: list[Item] | Item) -> list[Item]:
    return part if isinstance(part, list) else [part]


def _asked(steps: Sequence[InteractionStep]) -> str | None:
    """What the user said: the text of the last user message before anything was answered."""
    for step in steps:
        for message in reversed(list[Message](step.input_messages or [])):
            if message.role == "user" and isinstance(message.content, str):
                return message.content
    return None


def each_of(
    traces: Iterable[Conversed], *, config: InteractionsConfig
) -> Iterator[list[Interaction]]:
    """The interactions of many traces, one trace in memory at a time."""
    with Names() as names:
        for conversed in traces:
            yield interactions_of(conversed, config=config, names=names)
