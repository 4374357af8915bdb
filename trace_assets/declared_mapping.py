"""Which columns of a flat log say what: declared in `sources.yaml` or given to `--mapping`."""

import codecs
from pathlib import Path
from typing import Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError, field_validator, model_validator

from trace_assets.errors import ConfigError

Speaker = Literal["user", "assistant", "system", "developer", "tool"]


class DeclaredMapping(BaseModel, frozen=True):
    """The columns of a flat log. A row is an exchange, a turn of a conversation, or all of one.

    `input` and `output` make a row an exchange, `role` and `text` a turn, `messages` the whole.
    """

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    conversation: str | None = None
    """Rows with the same value here are one conversation; None: each row is one by itself."""

    order: str | None = None
    """The number of a row in its conversation; None: by `time`, else as they stand in the log."""

    role: str | None = None
    """Who speaks, of a row that is a turn."""

    text: str | None = None
    """What was said, of a row that is a turn."""

    input: str | None = None
    """What the user said, of a row that is an exchange."""

    input_context: str | None = None
    """More of the user's message, such as Alpaca's `input` beside its `instruction`."""

    history: str | None = None
    """The turns before the input: a list of pairs of question and answer, or JSON text of it."""

    output: str | None = None
    """What the assistant answered; beside `messages`, what it answered to them."""

    system: str | None = None
    """The instruction; told once while it stays the same."""

    messages: str | None = None
    """A whole conversation: messages of any dialect, as JSON or as Python prints it."""

    tool_calls: str | None = None
    """The calls of a turn or an exchange, as JSON or as Python prints it."""

    tool_call_id: str | None = None
    """The call that a turn of a tool answers."""

    tool_name: str | None = None
    """The tool of such a turn."""

    model: str | None = None
    agent: str | None = None
    time: str | None = None
    """When the row was written, as ISO 8601."""

    input_tokens: str | None = None
    output_tokens: str | None = None
    cost_usd: str | None = None
    duration_s: str | None = None
    duration_ms: str | None = None
    tags: str | None = None
    """The tags of the row: a list of texts, or one text with commas."""

    id: str | None = None
    """The id of a row that is a turn, which `parent` of other rows names."""

    parent: str | None = None
    """The turn that a row answers. The conversation is the path to the newest turn."""

    roles: dict[str, Speaker] = {}
    """What the words of the `role` column mean, where they are not the usual ones."""

    delimiter: Literal[",", "\t", ";", "|"] | None = None
    """Between cells; None: told from the rows."""

    encoding: str | None = None
    """Of the file; None: told from its bytes."""

    columns: tuple[str, ...] | None = None
    """The names of the columns of a file that starts without them."""

    @field_validator("encoding")
    @classmethod
    def _is_encoding(cls, name: str | None) -> str | None:
        if name is not None:
            try:
                codecs.lookup(name)
            except LookupError as error:
                raise ValueError(str(error)) from error
        return name

    @model_validator(mode="after")
    def _says_where_words_are(self) -> Self:
        if (self.role is None) != (self.text is None):
            raise ValueError("`role` and `text` are told together: who speaks, and what was said")
        if not (self.text or self.input or self.output or self.messages):
            raise ValueError(
                "expected the columns of what was said: `input` and `output`, or `role` and "
                "`text`, or `messages`"
            )
        return self

    def told(self) -> dict[str, Any]:
        """What is declared, JSON-ready."""
        return self.model_dump(mode="json", exclude_unset=True)


def load_mapping(path: Path) -> DeclaredMapping:
    """Read a mapping from a YAML or JSON file.

    Raises:
        ConfigError: a wrong key or value, one line each, with the known keys.
        OSError: the file cannot be read.
    """
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not YAML: {error}") from error
    try:
        return DeclaredMapping.model_validate(document)
    except ValidationError as error:
        lines = [f"{path}: {line_of(problem)}" for problem in error.errors()]
        raise ConfigError("\n".join(lines)) from error


def line_of(problem: Any, *, where: str = "") -> str:
    """One problem with a mapping, as a person can act on it."""
    place = ".".join(filter(None, (where, *map(str, problem["loc"])))) or "the mapping"
    if problem["type"] == "extra_forbidden":
        return f"{place}: unknown key; known: {', '.join(DeclaredMapping.model_fields)}"
    if problem["type"] == "value_error":
        return f"{place}: {problem['ctx']['error']}"
    return f"{place}: {problem['msg']}, found {problem['input']!r}"
