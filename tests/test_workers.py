"""Several workers: the bytes of one, whatever files share; and none of them is left behind."""

import json
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.command import LINE, eventually, is_running, many_records, run, started, workers_of
from trace_assets.cli import main
from trace_assets.formats import formats
from trace_assets.ledger import Ledger
from trace_assets.onepass import Outputs, convert
from trace_assets.onepass.inputs import inputs_of
from trace_assets.onepass.workers import WorkerError, Workers

needs_proc = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="reads /proc")

RESULTS = (
    '{"timestamp": "2026-02-03T09:00:00", "tasks": [{"id": "1"}], "info": '
    '{"agent_info": {"implementation": "llm_agent", "llm": "%s"}, "user_info": {"llm": "user"}, '
    '"environment_info": {"domain_name": "airline"}}}'
)
NOBODY_SPEAKS = '{"id": "%s", "task_id": "1", "termination_reason": "x", "messages": []}\n'


def drop(folder: Path) -> Path:
    """Files that have records, broken lines and what they say for others in common."""
    logs = folder / "logs"
    for name in ("run-1", "run-2", "run-3"):
        sims = logs / name / "simulations"
        sims.mkdir(parents=True)
        model = "small" if name == "run-2" else "large"
        (logs / name / "results.json").write_text(RESULTS % model, encoding="utf-8")
        for sim in range(5):
            text = LINE % f"{name}-{sim}" + LINE % f"shared-{sim}" + "{broken\n"
            text += NOBODY_SPEAKS % (sim % 2)
            (sims / f"{sim}.jsonl").write_text(text, encoding="utf-8")
    (logs / "empty.json").write_bytes(b"")
    (logs / "unknown.json").write_text('{"what": "is this"}', encoding="utf-8")
    (logs / "zz-unknown.json").write_text('{"what": "is this"}', encoding="utf-8")
    return logs


def outputs_with(
    workers: int, logs: Path, out: Path, report: Callable[[int], object] = id
) -> tuple[dict[str, bytes], Ledger]:
    ledger = convert(inputs_of([logs]), Outputs(out, "k"), workers=workers, report=report)
    return {path.name: path.read_bytes() for path in sorted(out.iterdir())}, ledger


@pytest.fixture(scope="module")
def by_one(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, bytes], Ledger]:
    folder = tmp_path_factory.mktemp("by_one")
    logs = drop(folder)
    return logs, *outputs_with(1, logs, folder / "out")


@pytest.mark.parametrize("workers", [2, 3, 40])
def test_any_number_of_workers_gives_the_bytes_of_one(
    workers: int, by_one: tuple[Path, dict[str, bytes], Ledger], tmp_path: Path
) -> None:
    logs, expected, _ = by_one
    files, _ = outputs_with(workers, logs, tmp_path / "out")
    assert files == expected


def test_the_drop_of_these_tests_has_all_that_shards_can_share(
    by_one: tuple[Path, dict[str, bytes], Ledger],
) -> None:
    _, files, ledger = by_one
    counts = ledger.as_dict()
    assert counts["converted"] == 15 + 5
    assert counts["duplicate"] > 10
    assert set(counts["reasons"]) >= {"not_json", "unknown_format", "empty_file"}
    rows = [json.loads(line) for line in files["k.jsonl"].splitlines()]
    models = {row["source_uri"].split("/")[1]: row["model"] for row in rows}
    assert models == {"run-1": "large", "run-2": "small", "run-3": "large"}


def test_the_report_hears_of_every_byte_once(
    by_one: tuple[Path, dict[str, bytes], Ledger], tmp_path: Path
) -> None:
    heard: list[int] = []
    _, ledger = outputs_with(2, by_one[0], tmp_path / "out", heard.append)
    assert sum(heard) == ledger.total("bytes")


def test_a_single_file_needs_no_worker(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(LINE % "a", encoding="utf-8")
    arguments = ["convert", str(tmp_path / "a.jsonl"), "--out", str(tmp_path / "out")]
    assert main([*arguments, "--workers", "8"]) == 0


@pytest.mark.parametrize("name", formats())
def test_the_fixtures_of_every_format_give_the_same_bytes(name: str, tmp_path: Path) -> None:
    fixtures = Path(__file__).parent / "formats" / "fixtures" / name
    expected, _ = outputs_with(1, fixtures, tmp_path / "one")
    files, _ = outputs_with(2, fixtures, tmp_path / "two")
    assert files == expected


# A format whose traces are made of lines from several files, known to this test only.
TALK = '''
"""Talks."""
from trace_assets.formats import Assembled, Claim, Converted, Copies, Format, Gather
from trace_assets.formats import no_record_alone
from trace_assets.reading import Shape
from trace_assets.trace import build

def detect(documents):
    return Claim(3, "talk") if any("talk" in one for one in documents) else None

def assemble(parts):
    items = []
    for number, part in enumerate(parts):
        item_id = "same" if part.record.value["talk"] == "refused" else str(number)
        text = build.text_part("user", part.record.value["says"])
        items.append(build.message(item_id, "user", [text], {}))
    trace_id = parts[0].record.value["talk"]
    trace = {"FORMAT": "open_responses", "items": items, "metadata": {"trace_id": trace_id}}
    yield Assembled(Converted(trace, {}), range(len(parts)))

gather = Gather(
    lambda record, _: record.value["talk"], assemble, lambda record: record.value.get("id"))
FORMAT = Format("talk", "", detect, Shape(), no_record_alone, (), __doc__, gather)
'''


def test_traces_of_several_files_are_whole_whoever_converts_them(tmp_path: Path) -> None:
    (tmp_path / "found" / "formats").mkdir(parents=True)
    (tmp_path / "found" / "formats" / "talk.py").write_text(TALK, encoding="utf-8")
    (tmp_path / "found" / "sitecustomize.py").write_text(
        "import trace_assets.formats as formats\n"
        f"formats.__path__.append({str(tmp_path / 'found' / 'formats')!r})\n",
        encoding="utf-8",
    )
    logs = tmp_path / "logs"
    logs.mkdir()
    for number in range(4):
        talk = "".join(
            f'{{"talk": "{name}", "says": "{number}", "id": "{name}-{number // 2}"}}\n'
            for name in ("a", "b", "refused")
        )
        (logs / f"{number}-talk.jsonl").write_text(talk + "{broken\n", encoding="utf-8")
        lines = LINE % f"own-{number}" + "{broken\n" + LINE % "shared"
        (logs / f"{number}.jsonl").write_text(lines, encoding="utf-8")
    files: list[dict[str, bytes]] = []
    for workers in (1, 2, 9):
        out = tmp_path / f"out-{workers}"
        how = ("--key", "k", "--workers", workers)
        done = run("convert", logs, "--out", out, *how, path=tmp_path / "found")
        assert done.returncode == 0, done.stderr
        files.append({path.name: path.read_bytes() for path in sorted(out.iterdir())})
    assert files[0] == files[1] == files[2]
    ledger = json.loads(files[0]["k.ledger.json"])
    assert (ledger["converted"], ledger["merged"], ledger["duplicate"]) == (4 + 1 + 2, 2, 3 + 6)
    assert ledger["reasons"] == {"not_json": 8, "repeated_item_id": 2}
    rows = [json.loads(line)["trace_id"] for line in files[0]["k.jsonl"].splitlines()]
    assert rows == ["own-0", "shared", "own-1", "own-2", "own-3", "a", "b"]


# --- workers that fail or are ended -------------------------------------------------------------


def _double_or_die(task: int, report: Callable[[int], object]) -> int:
    report(task)
    if task < 0:
        os.kill(os.getpid(), signal.SIGKILL)
    if task == 0:
        raise PermissionError(13, "Permission denied", "some.json")
    return 2 * task


def test_a_worker_does_one_task_after_the_other() -> None:
    heard: list[int] = []
    with Workers(_double_or_die, 2) as workers:
        assert sorted(workers.run(range(1, 6), heard.append)) == [(n, 2 * n) for n in range(1, 6)]
        assert sorted(workers.run(iter([7]), heard.append)) == [(7, 14)]
    assert sum(heard) == 15 + 7


def test_a_worker_that_dies_is_named_with_its_signal_and_its_task() -> None:
    with (
        pytest.raises(WorkerError, match="died by signal 9 at -1"),
        Workers(_double_or_die, 2) as workers,
    ):
        list(workers.run([1, -1, 2], id))


def test_an_error_of_a_workers_disk_is_the_error_of_the_run() -> None:
    with (
        pytest.raises(PermissionError, match=r"some\.json"),
        Workers(_double_or_die, 2) as workers,
    ):
        list(workers.run([1, 0, 2], id))


def two_large_logs(folder: Path) -> Path:
    for name in ("a", "b", "c"):
        many_records(folder / "logs" / f"{name}.jsonl", prefix=name, count=30_000)
    return folder / "logs"


@needs_proc
def test_a_killed_worker_ends_the_run_and_leaves_the_old_outputs(tmp_path: Path) -> None:
    logs, out = two_large_logs(tmp_path), tmp_path / "out"
    arguments = ("convert", logs, "--key", "k", "--out", out, "--workers", 2, "--overwrite")
    out.mkdir()
    (out / "k.jsonl").write_text("old", encoding="utf-8")
    with started(*arguments) as process:
        eventually(lambda: workers_of(process.pid))
        crew = workers_of(process.pid)
        os.kill(crew[0], signal.SIGKILL)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "a worker process died by signal 9 at logs/" in said
    assert "Traceback" not in said
    assert {path.name: path.read_bytes() for path in out.iterdir()} == {"k.jsonl": b"old"}
    eventually(lambda: not any(map(is_running, crew)))


@needs_proc
def test_ctrl_c_ends_the_workers_and_leaves_nothing_behind(tmp_path: Path) -> None:
    logs, out = two_large_logs(tmp_path), tmp_path / "out"
    with started("convert", logs, "--out", out, "--workers", 2) as process:
        eventually(lambda: len(workers_of(process.pid)) == 2)
        eventually(lambda: any(out.glob(".*.part/0.dataset")))
        crew = workers_of(process.pid)
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to all of them
        _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "interrupted" in said
    assert "Traceback" not in said
    assert list(out.iterdir()) == []
    eventually(lambda: not any(map(is_running, crew)))


@needs_proc
def test_workers_end_when_their_parent_is_killed(tmp_path: Path) -> None:
    logs = two_large_logs(tmp_path)
    with started("convert", logs, "--out", tmp_path / "out", "--workers", 2) as process:
        eventually(lambda: len(workers_of(process.pid)) == 2)
        crew = workers_of(process.pid)
        process.kill()
        eventually(lambda: not any(map(is_running, crew)))


def test_an_interpreter_without_a_main_module_can_have_workers(tmp_path: Path) -> None:
    logs = drop(tmp_path)
    done = run("convert", logs, "--out", tmp_path / "out", "--workers", 2)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
