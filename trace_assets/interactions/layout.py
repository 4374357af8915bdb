"""The files of interactions: `interactions/<directory>/metadata.json` and `steps.jsonl`."""

from collections.abc import Iterator
from typing import Any

import msgspec

from trace_assets.interactions.model import Interaction, InteractionStep
from trace_assets.rows import to_ascii
from trace_assets.trace.build import encode

FOLDER = "interactions"
METADATA = "metadata.json"
STEPS = "steps.jsonl"


def metadata_bytes(interaction: Interaction) -> bytes:
    """Everything of an interaction but its steps."""
    fields = {name: value for name, value in interaction if name != "steps"}
    return to_ascii(msgspec.json.format(encode(fields), indent=2)) + b"\n"


def step_lines(interaction: Interaction) -> Iterator[bytes]:
    """A line for each step, with every field, nulls included."""
    for step in interaction.steps:
        yield to_ascii(encode(step_fields(step))) + b"\n"


def step_fields(step: InteractionStep) -> dict[str, Any]:
    """A step as JSON; its free-form parts are shared, and may nest as deep as a log does."""
    fields = dict(step)
    for name in ("input_messages", "output_messages"):
        messages = fields[name]
        fields[name] = messages and [dict(message) for message in messages]
    fields["usage"] = step.usage and dict(step.usage)
    return fields
