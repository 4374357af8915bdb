"""The recipe of a training set: job description and config in the platform's own words.

The keys and defaults of `config` are those of the platform (contract `distil`); `local` holds what
only this pipeline has to know.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, Self, get_args

import yaml
from jsonschema import SchemaError
from jsonschema.validators import validator_for
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from trace_assets.errors import ConfigError

Task = Literal[
    "question-answering",
    "classification",
    "question-answering-closed-book",
    "tool-calling-closed-book",
    "multi-turn-tool-calling-closed-book",
]
MULTI_TURN: Task = "multi-turn-tool-calling-closed-book"
TOOL_TASKS: tuple[Task, ...] = ("tool-calling-closed-book", MULTI_TURN)

_NonEmpty = Annotated[str, Field(min_length=1)]
_Share = Annotated[float, Field(ge=0, le=1)]
_Count = Annotated[int, Field(ge=0)]


class _Section(BaseModel, frozen=True):
    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)


class JobDescription(_Section, frozen=True):
    """What the small model is to do; written as `job_description.json`."""

    task_description: _NonEmpty
    llm_as_a_judge_instructions: str | None = None
    input_description: str | None = None
    """What an input looks like; an upload of `question-answering` is rejected without it."""

    classes_description: dict[_NonEmpty, str] | None = None
    """The classes and what each means; for `classification`."""

    tools: tuple[dict[str, Any], ...] | None = None
    """The tools as OpenAI functions; for both tool tasks."""

    @field_validator("tools")
    @classmethod
    def _tools_are_functions(
        cls, tools: tuple[dict[str, Any], ...] | None
    ) -> tuple[dict[str, Any], ...] | None:
        for number, tool in enumerate(tools or ()):
            _check_tool(number, tool)
        names = [tool["function"]["name"] for tool in tools or ()]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"tools with the same name: {', '.join(twice)}")
        return tools

    def parameters_of(self) -> dict[str, dict[str, Any]]:
        """The JSON Schema of each tool's parameters, by the tool's name."""
        functions = [tool["function"] for tool in self.tools or ()]
        return {each["name"]: each.get("parameters") or {} for each in functions}


class Base(_Section, frozen=True):
    """The section `base`."""

    task: Task
    student_model_name: _NonEmpty = "Llama-3.2-1B-Instruct"
    teacher_model_name: _NonEmpty = "openai.gpt-oss-120b"
    random_seed: int = 123


class TraceProcessing(_Section, frozen=True):
    """The section `trace_processing`."""

    relabel: bool = True
    convert_to_single_turn: bool = True
    relevance_filtering_batch_size: int = Field(default=32, ge=1)
    num_traces_as_training_base: _Count = 200
    num_traces_as_testing_base: _Count = 200
    min_generated_examples: _Count = 20
    max_unstructured: _Count = 10_000
    observation_format: Literal["openai_messages", "langfuse"] = "openai_messages"
    """`unstructured_with_openai_messages` is not written: nobody documents its shape."""

    remove_system_prompt_from_traces: bool = False
    compress_job_description: bool = False
    teacher_model_name: _NonEmpty = "openai.gpt-oss-120b"
    relabelling_committee_models: tuple[_NonEmpty, ...] = Field(
        default=(
            "zai.glm-5",
            "Qwen3-235B-A22B-Instruct-2507",
            "openai.gpt-oss-120b-thinking",
            "deepseek.v3.2",
        ),
        min_length=1,
    )


class Evaluation(_Section, frozen=True):
    """The section `evaluation`; only what is set is written."""

    num_few_shot_examples: _Count = 1
    llm_as_a_judge_model_name: _NonEmpty = "openai.gpt-oss-120b"
    expand_tool_calling_turns: bool = True
    batch_size: int | None = None


class Synthgen(_Section, frozen=True):
    """The section `synthgen`; only what is set is written."""

    generation_target: _Count = 10_000
    generation_in_single_call: int = Field(default=4, ge=1)
    generation_iteration_size: int = Field(default=128, ge=1)
    generation_per_unstructured_context: _Count | None = None
    num_positive_exemplars_per_generation: _Count = 2
    num_negative_exemplars_per_generation: _Count = 2
    num_unlabelled_exemplars_per_generation: _Count = 2
    validation_max_total_length: int = Field(default=10_000, ge=1)
    """Characters of a row; the platform applies it to traces and test data, too."""

    validation_similarity_threshold: _Share = 0.95
    teacher_temperature: float = Field(default=0.7, ge=0)
    teacher_max_tokens: int | None = None
    match_generated_distribution_to_seed: bool = False
    num_distractor_context_blocks: _Count = 0
    output_is_json: bool = False
    basic_mutators_to_use: tuple[Literal["complexity", "length", "specificity"], ...] = (
        "complexity",
    )
    mutation_topics: tuple[Any, ...] = ()
    parallel_llm_calls: bool = False


class Tuning(BaseModel, frozen=True):
    """The section `tuning`; only what is set is written. It may hold any key `rlvr_...`."""

    model_config = ConfigDict(extra="allow")

    learning_rate: float = 5e-5
    learning_rate_scheduler: _NonEmpty = "linear"
    weight_decay: float = 0
    warmup_ratio: float = 0.05
    bf16: bool = True
    use_lora: bool = True
    lora_r: int = 64
    lora_alpha_multiplier: float = 1
    per_device_train_batch_size: int = 1
    per_device_eval_batch_size: int = 1
    num_train_epochs: float = 4
    train_eval_split: float = 0.2
    gradient_accumulation_steps: int = 1
    num_few_shot_examples_student: int = 0

    @model_validator(mode="after")
    def _others_begin_with_rlvr(self) -> Self:
        wrong = [name for name in self.model_extra or {} if not name.startswith("rlvr_")]
        if wrong:
            known = ", ".join([*type(self).model_fields, "rlvr_..."])
            raise ValueError(f"unknown key {', '.join(wrong)}; known: {known}")
        return self


class Config(_Section, frozen=True):
    """Written as `config.yaml`."""

    base: Base
    trace_processing: TraceProcessing = TraceProcessing()
    evaluation: Evaluation | None = None
    synthgen: Synthgen | None = None
    tuning: Tuning | None = None


class Local(_Section, frozen=True):
    """What the platform does not know."""

    relevance_threshold: _Share | None = 0
    """The score at and below which a trace is off the job: 0 drops those that have no word in
    common with it; null keeps all."""

    near_duplicate_threshold: float = Field(default=0.8, gt=0, le=1)
    """The share of common word triples from which two texts count as one."""

    parallel_tool_calls: Literal["split", "leave_out"] = "split"
    """Several calls of one answer: an example each, or none."""

    tool_results: Literal["left_out", "as_user_turns"] = "left_out"
    """What a multi-turn history, which has no turn of a tool, does with results."""

    test_set: str | None = None
    """A file of test rows to use as they are, for the asset; the command has `--test`."""


class Recipe(_Section, frozen=True):
    """How a source's traces become a training set."""

    job_description: JobDescription
    config: Config
    local: Local = Local()

    @property
    def task(self) -> Task:
        """The task."""
        return self.config.base.task

    @property
    def most_characters(self) -> int:
        """How long a row may be."""
        return (self.config.synthgen or Synthgen()).validation_max_total_length

    @model_validator(mode="after")
    def _task_has_what_it_needs(self) -> Self:
        needs = {"question-answering": "input_description", "classification": "classes_description"}
        needs |= dict.fromkeys(TOOL_TASKS, "tools")
        name = needs.get(self.task)
        if name and not getattr(self.job_description, name):
            raise ValueError(f"job_description.{name}: required for the task {self.task}")
        if self.task == MULTI_TURN and self.config.trace_processing.convert_to_single_turn:
            raise ValueError(
                "config.trace_processing.convert_to_single_turn: must be set to false for the task "
                f"{self.task}"
            )
        return self


def load_recipe(path: Path) -> Recipe:
    """Read a recipe.

    Raises:
        ConfigError: a wrong key or value, one line each, with the known keys.
    """
    return _recipe_of(_document_in(path) or {}, str(path))


def recipe_of_files(job_description: Path, config: Path) -> Recipe:
    """Read a recipe from the two files of an upload: `job_description.json` and `config.yaml`.

    Raises:
        ConfigError: as `load_recipe`.
    """
    parts = {"job_description": _document_in(job_description), "config": _document_in(config)}
    return _recipe_of(parts, f"{job_description}, {config}")


def _document_in(path: Path) -> Any:
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))  # JSON is YAML
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not YAML: {error}") from error


def _recipe_of(document: Any, where: str) -> Recipe:
    try:
        return Recipe.model_validate(document)
    except ValidationError as error:
        lines = [f"{where}: {_line(problem)}" for problem in error.errors()]
        raise ConfigError("\n".join(lines)) from error


def known_at(where: Sequence[int | str]) -> list[str]:
    """The keys of the recipe's section at a place; none where it is not a section.

    >>> known_at(["config"])
    ['base', 'trace_processing', 'evaluation', 'synthgen', 'tuning']
    """
    model: type[BaseModel] | None = Recipe
    for step in where:
        field = model.model_fields.get(str(step)) if model else None
        kinds = (field.annotation, *get_args(field.annotation)) if field else ()
        model = next(
            (kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)), None
        )
    return list(model.model_fields) if model else []


def _line(problem: Any) -> str:
    where = ".".join(str(part) for part in problem["loc"])
    place = f"{where}: " if where else ""
    match problem["type"]:
        case "extra_forbidden":
            return f"{place}unknown key; known: {', '.join(known_at(problem['loc'][:-1]))}"
        case "missing":
            return f"{place}required"
        case "value_error":
            return f"{place}{problem['ctx']['error']}"
        case _:
            return f"{place}{problem['msg']}, found {problem['input']!r}"


def _check_tool(number: int, tool: dict[str, Any]) -> None:
    match tool:
        case {"type": "function", "function": {"name": str(name), **rest}} if name:
            schema = rest.get("parameters") or {}
        case _:
            raise ValueError(
                f'tools.{number}: expected {{"type": "function", "function": {{...}}}}'
            )
    try:
        validator_for(schema).check_schema(schema)
    except SchemaError as error:
        raise ValueError(
            f"tools.{number}.function.parameters: no JSON Schema: {error.message}"
        ) from error
