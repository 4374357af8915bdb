"""What must hold across a set of interactions, which the tools that read it do not check.

| finding                 | a reader would                                                        |
|-------------------------|-----------------------------------------------------------------------|
| `invalid`               | refuse the step or the interaction, or drop the keys it does not know |
| `no_steps`              | show nothing                                                          |
| `repeated_interaction`  | show two as one                                                       |
| `wrong_directory`       | never find it, or put the steps somewhere else                        |
| `shared_directory`      | find one of two, on a disk that does not tell upper from lower case   |
| `repeated_step`         | annotate one for the other                                            |
| `orphan_parent`         | lose the branch below the step                                        |
| `parent_elsewhere`      | the same, as steps are shown by interaction                           |
| `parent_cycle`          | lose all steps of the cycle                                           |
| `wrong_interaction`     | show the step in another interaction, or drop it if it names none     |
| `wrong_group`           | take the group of whichever step comes first                          |

These are errors. What follows is odd in a log, and told as a warning:

| finding                 | what it means                                                         |
|-------------------------|-----------------------------------------------------------------------|
| `negative_duration`     | a step ends before it starts                                          |
| `start_not_positive`    | a start at or before 1970: readers take 0 for unknown                 |
| `beyond_64_bits`        | a time that most readers cannot hold                                  |
| `starts_before_parent`, `ends_after_parent` | a step is not within its parent's time            |
| `renamed`               | several traces have one id; all but the first got a number            |
"""

import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from trace_assets.interactions.model import Interaction, InteractionStep
from trace_assets.interactions.names import directory_of

ERRORS = (
    "invalid",
    "no_steps",
    "repeated_interaction",
    "wrong_directory",
    "shared_directory",
    "repeated_step",
    "orphan_parent",
    "parent_elsewhere",
    "parent_cycle",
    "wrong_interaction",
    "wrong_group",
)

SHOWN = 100
"""How many findings a report has in words; all are counted."""

_INT64 = 2**63


class Finding(NamedTuple):
    """One thing that does not hold."""

    name: str
    where: str
    """The directory, and the step if it is about one."""
    message: str
    """What was found, and what was expected."""

    def __str__(self) -> str:
        return f"{self.where}: {self.name}: {self.message}"


class Report:
    """Counts of everything, and the first findings in words."""

    def __init__(self) -> None:
        self.interactions = 0
        self.steps = 0
        self.groups = 0
        self.kinds: Counter[str] = Counter()
        self.statuses: Counter[str] = Counter()
        self.raw_from: Counter[str] = Counter()
        self.found: Counter[str] = Counter()
        self.first: list[Finding] = []

    def add(self, finding: Finding) -> None:
        """Count a finding, and keep it in words while there are few."""
        self.found[finding.name] += 1
        if len(self.first) < SHOWN:
            self.first.append(finding)

    @property
    def errors(self) -> int:
        """How many findings would make a reader lose or mix up something."""
        return sum(self.found[name] for name in ERRORS)

    @property
    def warnings(self) -> int:
        """How many are only odd."""
        return self.found.total() - self.errors

    def as_dict(self) -> dict[str, Any]:
        """The report as JSON."""
        return {
            "interactions": self.interactions,
            "steps": self.steps,
            "groups": self.groups,
            "span_kinds": dict(sorted(self.kinds.items())),
            "statuses": dict(sorted(self.statuses.items())),
            "raw_from": dict(sorted(self.raw_from.items())),
            "errors": self._counts(errors=True),
            "warnings": self._counts(errors=False),
            "first": [finding._asdict() for finding in self.first],
        }

    def _counts(self, *, errors: bool) -> dict[str, int]:
        return {
            name: count for name, count in sorted(self.found.items()) if (name in ERRORS) is errors
        }


class Checker:
    """Looks at interactions one after the other; what it has to remember is in a temporary file."""

    def __init__(self) -> None:
        self.report = Report()
        self._seen = sqlite3.connect("")
        self._seen.executescript(
            "CREATE TABLE steps (id BLOB PRIMARY KEY, place INTEGER) WITHOUT ROWID;"
            "CREATE TABLE parents (parent BLOB, step BLOB, place INTEGER);"
            "CREATE TABLE groups (id BLOB PRIMARY KEY) WITHOUT ROWID;"
            "CREATE TABLE places (place INTEGER PRIMARY KEY, directory BLOB);"
            "CREATE TABLE ids (id BLOB PRIMARY KEY) WITHOUT ROWID;"
            "CREATE TABLE folded (directory BLOB PRIMARY KEY) WITHOUT ROWID;"
        )

    def __enter__(self) -> "Checker":
        return self

    def __exit__(self, *_: object) -> None:
        self._seen.close()

    def add(self, directory: str, interaction: Interaction) -> None:
        """Look at one interaction, in the directory that it is in."""
        place = self.report.interactions
        self.report.interactions += 1
        self._seen.execute("INSERT INTO places VALUES (?, ?)", (place, _key(directory)))
        self._look_at_place(directory, interaction)
        if renamed := interaction.tags.get("renamed_from"):
            self._tell("renamed", directory, f"another trace has an interaction {renamed!r}")
        if not interaction.steps:
            self._tell("no_steps", directory, "expected at least one step")
        for step in interaction.steps:
            self._look_at(step, directory, place, interaction)
        for finding in (
            *_cycles(directory, interaction.steps),
            *_outside(directory, interaction.steps),
        ):
            self.report.add(finding)

    def invalid(self, where: str, message: str) -> None:
        """Tell of what does not load in the model, and so cannot be looked at."""
        self._tell("invalid", where, message)

    def finish(self) -> Report:
        """Look at what only the whole set can tell, and return all that was found."""
        for finding in self._parents():
            self.report.add(finding)
        (self.report.groups,) = self._seen.execute("SELECT count(*) FROM groups").fetchone()
        return self.report

    def _look_at_place(self, directory: str, interaction: Interaction) -> None:
        if not self._is_new("ids", interaction.id):
            self._tell(
                "repeated_interaction", directory, f"another one has the id {interaction.id!r}"
            )
        if directory not in {interaction.id, directory_of(interaction.id)}:
            expected = directory_of(interaction.id)
            self._tell(
                "wrong_directory", directory, f"expected {expected!r} for {interaction.id!r}"
            )
        if not self._is_new("folded", directory.casefold()):
            self._tell("shared_directory", directory, "another one differs in upper and lower case")

    def _look_at(
        self, step: InteractionStep, directory: str, place: int, interaction: Interaction
    ) -> None:
        where = f"{directory}: step {step.id!r}"
        self._count(step)
        cursor = self._seen.execute(
            "INSERT OR IGNORE INTO steps VALUES (?, ?)", (_key(step.id), place)
        )
        if cursor.rowcount == 0:
            self._tell("repeated_step", where, "another step has the same id")
        if step.interaction_id != interaction.id:
            found = f"found {step.interaction_id!r}, expected {interaction.id!r}"
            self._tell("wrong_interaction", where, f"interaction_id: {found}")
        if step.group_id != interaction.group_id:
            found = f"found {step.group_id!r}, expected {interaction.group_id!r}"
            self._tell("wrong_group", where, f"group_id: {found}")
        if step.group_id is not None:
            self._is_new("groups", step.group_id)
        if step.parent_step_id:
            row = (_key(step.parent_step_id), _key(step.id), place)
            self._seen.execute("INSERT INTO parents VALUES (?, ?, ?)", row)
        for finding in _times(where, step):
            self.report.add(finding)

    def _count(self, step: InteractionStep) -> None:
        tags = step.tags or {}
        self.report.steps += 1
        self.report.kinds[tags.get("span_kind", "")] += 1
        self.report.statuses[tags.get("status", "")] += 1
        self.report.raw_from[str(step.metadata.get("raw_from", ""))] += 1

    def _parents(self) -> Iterator[Finding]:
        rows = self._seen.execute(
            "SELECT parents.parent, parents.step, places.directory, steps.id IS NULL FROM parents "
            "JOIN places ON places.place = parents.place "
            "LEFT JOIN steps ON steps.id = parents.parent "
            "WHERE steps.id IS NULL OR steps.place != parents.place ORDER BY parents.rowid"
        )
        for parent, step, directory, is_orphan in rows:
            where = f"{_text(directory)}: step {_text(step)!r}"
            if is_orphan:
                message = f"parent_step_id: no step is called {_text(parent)!r}"
                yield Finding("orphan_parent", where, message)
            else:
                message = f"parent_step_id: {_text(parent)!r} is in another interaction"
                yield Finding("parent_elsewhere", where, message)

    def _is_new(self, table: str, name: str) -> bool:
        query = f"INSERT OR IGNORE INTO {table} VALUES (?)"  # noqa: S608 a name of ours
        return self._seen.execute(query, (_key(name),)).rowcount == 1

    def _tell(self, name: str, where: str, message: str) -> None:
        self.report.add(Finding(name, where, message))


def _key(name: str) -> bytes:
    """A name as bytes: SQLite refuses text with a lone surrogate, and compares some by case."""
    return name.encode(errors="surrogatepass")


def _text(key: bytes) -> str:
    return key.decode(errors="surrogatepass")


def _cycles(directory: str, steps: Sequence[InteractionStep]) -> Iterator[Finding]:
    """Each cycle once, at the step of it that comes first; nothing here calls itself."""
    parents = {step.id: step.parent_step_id for step in steps}
    walked: dict[str, int] = {}  # a step -> the walk that came by
    for walk, step in enumerate(steps):
        at: str | None = step.id
        while at is not None and at in parents and at not in walked:
            walked[at] = walk
            at = parents[at]
        if at is not None and walked.get(at) == walk:
            where = f"{directory}: step {at!r}"
            yield Finding("parent_cycle", where, "parent_step_id leads back to the step itself")


def _times(where: str, step: InteractionStep) -> Iterator[Finding]:
    start, duration = step.start_ns, step.duration_ns
    if duration is not None and duration < 0:
        yield Finding("negative_duration", where, f"duration_ns: {duration}")
    if start is not None and start <= 0:
        yield Finding("start_not_positive", where, f"start_ns: {start}")
    if max(abs(start or 0), abs(duration or 0), abs((start or 0) + (duration or 0))) >= _INT64:
        message = f"start_ns: {start}, duration_ns: {duration}; expected less than 2**63"
        yield Finding("beyond_64_bits", where, message)


def _outside(directory: str, steps: Sequence[InteractionStep]) -> Iterator[Finding]:
    by_id = {step.id: step for step in steps}
    for step in steps:
        parent = by_id.get(step.parent_step_id or "")
        if parent is None or step.start_ns is None or parent.start_ns is None:
            continue
        where = f"{directory}: step {step.id!r}"
        early = parent.start_ns - step.start_ns
        if early > 0:
            yield Finding("starts_before_parent", where, f"{early} ns before {parent.id!r}")
        if step.duration_ns is not None and parent.duration_ns is not None:
            late = step.start_ns + step.duration_ns - parent.start_ns - parent.duration_ns
            if late > 0:
                yield Finding("ends_after_parent", where, f"{late} ns after {parent.id!r}")
