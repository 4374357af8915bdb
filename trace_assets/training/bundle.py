"""The training set at rest.

    traces/      what `distil model upload-traces --data` takes: the platform does the rest itself
        traces.jsonl  job_description.json  config.yaml  [test.jsonl, if one was given]
        would_leave_out.jsonl    rows of traces.jsonl that the filters here would leave out, and why
    dataset/     the same, done here, in the platform's form for structured data
        train.jsonl  test.jsonl  unstructured.jsonl  job_description.json  config.yaml
    provenance.jsonl    of each row of these files the trace and message it is made from
    left_out.jsonl      what is in none of them, and why
    manifest.json       the counts, and that they add up

They are two folders because the platform takes a `test.jsonl` beside traces for a curated one, and
would train on the very traces that ours is made from.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

import msgspec
import yaml

from trace_assets.training.conversation import Conversation
from trace_assets.training.duplicates import Lookalikes, sketch_of
from trace_assets.training.examples import Labelled
from trace_assets.training.exchanges import SHARES_EXCHANGE, TestExchanges
from trace_assets.training.given import GivenTest
from trace_assets.training.output import Create, LeftOut, Lines, check_sum, json_line
from trace_assets.training.recipe import TOOL_TASKS, Recipe
from trace_assets.training.rows import NoRow, Row, Rows, row_line
from trace_assets.training.split import Placed
from trace_assets.training.text import asked_in
from trace_assets.training.uploads import length_of, upload_line

WOULD_LEAVE_OUT = "would_leave_out.jsonl"

Pairs = Callable[[], Iterable[tuple[Labelled, Placed]]]


def write_bundle(
    pairs: Pairs,
    off_the_job: Iterable[bytes],
    create: Create,
    recipe: Recipe,
    given: GivenTest | None,
) -> dict[str, Any]:
    """Write all files but the manifest, and return what it will contain.

    Args:
        pairs: The labelled conversations with their places; read more than once.
        off_the_job: The conversations that relevance left out; the upload contains them, too.
        create: Opens each file.
        recipe: The recipe.
        given: The curated test set, if there is one.
    """
    for folder in ("traces", "dataset"):
        _write_settings(folder, create, recipe)
        if given:
            with create(f"{folder}/{given.name}") as file:
                file.write(given.content)
    with create("provenance.jsonl") as provenance, create("left_out.jsonl") as out:
        bundle = _Bundle(recipe, LeftOut(out, "training_set"), provenance)
        if given:
            bundle.take(given)
        else:
            _write_test(bundle, pairs(), create)
        _write_rows(bundle, pairs(), create)
        _write_upload(bundle, pairs(), off_the_job, create)
    return bundle.told(given)


def _write_test(
    bundle: "_Bundle", pairs: Iterable[tuple[Labelled, Placed]], create: Create
) -> None:
    """The test rows come first, so that no row of train is nearly one of them."""
    with create("dataset/test.jsonl") as file:
        for labelled, placed in pairs:
            if placed.part == "test":
                bundle.test(file, labelled)


def _write_rows(
    bundle: "_Bundle", pairs: Iterable[tuple[Labelled, Placed]], create: Create
) -> None:
    with create("dataset/train.jsonl") as train, create("dataset/unstructured.jsonl") as context:
        for labelled, placed in pairs:
            if placed.part == "train":
                bundle.train(train, labelled)
            elif placed.part == "unstructured":
                bundle.context(context, labelled.conversation)


def _write_upload(
    bundle: "_Bundle",
    pairs: Iterable[tuple[Labelled, Placed]],
    off_the_job: Iterable[bytes],
    create: Create,
) -> None:
    """Write every conversation for the platform, which has filters of its own."""
    with create("traces/traces.jsonl") as file, create(f"traces/{WOULD_LEAVE_OUT}") as listed:
        upload = _Upload(bundle, file, listed)
        for labelled, _ in pairs:
            upload.add(labelled.conversation)
        decoder = msgspec.json.Decoder(Conversation)
        for line in off_the_job:
            upload.add(decoder.decode(line), is_off=True)


class _Upload:
    """Writes the rows for the platform, and lists those that the filters here would leave out."""

    def __init__(self, bundle: "_Bundle", file: Lines, listed: Lines) -> None:
        self._bundle = bundle
        self._file = file
        self._listed = listed

    def add(self, conversation: Conversation, *, is_off: bool = False) -> None:
        row = self._bundle.trace(self._file, conversation)
        if row is None:
            return
        if is_off:
            message = f"score {conversation.score}; relevance leaves it out"
            self._list(row, conversation, "off_the_job", message)
        length, most = length_of(conversation), self._bundle.recipe.most_characters
        if length > most:
            message = f"the messages have {length:,} characters; at most {most:,}"
            self._list(row, conversation, "too_long", message)

    def _list(self, row: int, conversation: Conversation, reason: str, message: str) -> None:
        self._bundle.would_leave_out[reason] += 1
        place = {"trace_id": conversation.trace_id, "source_uri": conversation.source_uri}
        self._listed.write(json_line({"row": row, "reason": reason, "message": message, **place}))


class _Bundle:
    """Writes rows, and keeps the accounts of them."""

    def __init__(self, recipe: Recipe, left_out: LeftOut, provenance: Lines) -> None:
        self.recipe = recipe
        self._rows = Rows(recipe)
        self._left_out = left_out
        self._provenance = provenance
        self._tested = Lookalikes(recipe.local.near_duplicate_threshold)
        self._counts: dict[str, Counter[str]] = {}
        self._names: dict[str, Counter[str]] = {"train": Counter(), "test": Counter()}
        self._left: Counter[str] = Counter()
        self._tests = 0
        self._curated: TestExchanges | None = None
        self.would_leave_out: Counter[str] = Counter()

    def take(self, given: GivenTest) -> None:
        """Use a curated test set."""
        self._curated = TestExchanges(given.rows, self.recipe.local.near_duplicate_threshold)
        for row in given.rows:
            self._counted("test")["made"] += 1
            self._note("test", None, file=given.name)
            self._remember(row["question"])

    def test(self, file: Lines, labelled: Labelled) -> None:
        for row in self._of(labelled, "test"):
            file.write(row_line(row))
            self._note("test", labelled.conversation, row)
            self._remember(row.question)

    def train(self, file: Lines, labelled: Labelled) -> None:
        for row in self._of(labelled, "train"):
            alike = self._tested.first(sketch_of(asked_in(row.question)))
            if alike is not None:
                where = NoRow(
                    "near_duplicate_of_test", f"like test row {alike}", row.turn, row.message
                )
                self._refuse("train", labelled.conversation, where)
            else:
                file.write(row_line(row))
                self._note("train", labelled.conversation, row)

    def context(self, file: Lines, conversation: Conversation) -> None:
        """Write a conversation that neither trains nor tests as something to learn words from."""
        self._counted("unstructured")["made"] += 1
        context, most = json.dumps(conversation.messages), self.recipe.most_characters
        limit = self.recipe.config.trace_processing.max_unstructured
        if len(context) > most:
            why = ("too_long", f"the messages have {len(context):,} characters; at most {most:,}")
        elif self._counted("unstructured")["rows"] >= limit:
            why = ("over_max_unstructured", f"max_unstructured is {limit:,}")
        else:
            file.write(json.dumps({"context": context}).encode() + b"\n")
            self._note("unstructured", conversation)
            return
        self._refuse("unstructured", conversation, NoRow(*why, None, None))

    def trace(self, file: Lines, conversation: Conversation) -> int | None:
        """Write a conversation for the platform to process; return its row if it is written."""
        counts = self._counted("traces")
        counts["made"] += 1
        self._left.update(conversation.left)
        if self._curated and (like := self._curated.shared_with(conversation)):
            self._refuse("traces", conversation, NoRow(SHARES_EXCHANGE, like, None, None))
            return None
        file.write(upload_line(conversation, self.recipe))
        self._note("traces", conversation)
        return counts["rows"] - 1

    def told(self, given: GivenTest | None) -> dict[str, Any]:
        """The accounts."""
        files = {
            name: check_sum(name, counts["made"], rows=counts["rows"], left_out=counts["left_out"])
            for name, counts in sorted(self._counts.items())
        }
        covered = self.recipe.task in (*TOOL_TASKS, "classification")
        names = {part: dict(sorted(found.items())) for part, found in self._names.items()}
        return {
            "files": files,
            "rows": {
                name: files[name]["rows"] if name in files else 0
                for name in ("traces", "train", "test", "unstructured")
            },
            "test_set": "given" if given else "made",
            "left_out": self._left_out.counts(),
            "would_leave_out": dict(sorted(self.would_leave_out.items())),
            "not_in_messages": dict(sorted(self._left.items())),
            **({"answers": names} if covered else {}),
        }

    def _of(self, labelled: Labelled, part: str) -> Iterable[Row]:
        for row in self._rows.of(labelled):
            self._counted(part)["made"] += 1
            if isinstance(row, Row):
                self._names[part][row.name] += 1
                self._cut_off(labelled, row)
                yield row
            else:
                self._refuse(part, labelled.conversation, row)

    def _cut_off(self, labelled: Labelled, row: Row) -> None:
        """Count what comes after the answer of a whole conversation, and so is in no row."""
        if row.turn is None and row.message is not None:
            cut = len(labelled.conversation.messages) - row.message - 1
            self._left["messages_after_the_answer"] += cut

    def _remember(self, question: str) -> None:
        self._tested.add(self._tests, sketch_of(asked_in(question)))
        self._tests += 1

    def _refuse(self, part: str, conversation: Conversation, why: NoRow) -> None:
        self._counted(part)["left_out"] += 1
        self._left_out.add(
            why.reason,
            why.message,
            of=part,
            trace_id=conversation.trace_id,
            turn=why.turn,
            message_index=why.at,
            source_uri=conversation.source_uri,
        )

    def _note(
        self,
        part: str,
        conversation: Conversation | None,
        row: Row | None = None,
        file: str | None = None,
    ) -> None:
        counts = self._counted(part)
        folder = "traces" if part == "traces" else "dataset"
        self._provenance.write(
            json_line(
                {
                    "file": f"{folder}/{file or f'{part}.jsonl'}",
                    "row": counts["rows"],
                    "trace_id": conversation and conversation.trace_id,
                    "turn": row and row.turn,
                    "message": row and row.message,
                    "call": row and row.call,
                    "source_uri": conversation and conversation.source_uri,
                }
            )
        )
        counts["rows"] += 1

    def _counted(self, part: str) -> Counter[str]:
        return self._counts.setdefault(part, Counter())


def _write_settings(folder: str, create: Create, recipe: Recipe) -> None:
    job = recipe.job_description.model_dump(mode="json", exclude_none=True)
    with create(f"{folder}/job_description.json") as file:
        file.write(json.dumps(job, indent=2).encode() + b"\n")
    config = recipe.config
    sections: dict[str, Any] = {
        "base": config.base.model_dump(mode="json"),
        "trace_processing": config.trace_processing.model_dump(mode="json"),
    }
    # Of these the platform's own defaults are as good as ours, and may change.
    for name in ("evaluation", "synthgen", "tuning"):
        if section := getattr(config, name):
            sections[name] = section.model_dump(mode="json", exclude_unset=True)
    with create(f"{folder}/config.yaml") as file:
        file.write(yaml.safe_dump(sections, sort_keys=False, allow_unicode=False).encode())
