"""Folders of training data in distil labs' form: only their `traces.jsonl` is a log.

The other files are recognised by the folder that they are in: a test set must never become traces
to train on, and a YAML file has no records.

Source: https://docs.distillabs.ai, the files of a traces upload and of a processed dataset.
"""

from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

from trace_assets.convert.telling import LogFile

_JOB = "job_description.json"
_PARTS = {
    _JOB: "the job description",
    "config.yaml": "the settings",
    "config.yml": "the settings",
    "config.json": "the settings",
    "test.jsonl": "the test set",
    "test.csv": "the test set",
    "train.jsonl": "the training rows",
    "train.csv": "the training rows",
    "unstructured.jsonl": "the unstructured rows",
    "unstructured.csv": "the unstructured rows",
    "would_leave_out.jsonl": "the list of rows to filter",
}


def training_parts(names: Iterable[str]) -> dict[str, str]:
    """Return the files that are parts of training data and no logs, with what each one is.

    A folder holds training data if `job_description.json` is in it, and another known file is in it
    or below it.

    >>> training_parts(["up/job_description.json", "up/traces.jsonl", "up/test.jsonl", "test.csv"])
    {'up/job_description.json': 'the job description', 'up/test.jsonl': 'the test set'}
    """
    paths = [PurePosixPath(name) for name in names]
    jobs = {path.parent for path in paths if path.name == _JOB}
    known = [path for path in paths if path.name in _PARTS or path.name == "traces.jsonl"]
    found: dict[str, str] = {}
    for folder in sorted(jobs):
        inside = [path for path in known if folder in path.parents]
        if len(inside) > 1:
            found |= {str(path): _PARTS[path.name] for path in inside if path.name in _PARTS}
    return found


def without_training_parts(logs: Sequence[LogFile]) -> list[LogFile]:
    """Mark the files of a drop that are parts of training data as left out."""
    parts = training_parts(log.file for log in logs)
    return [
        log._replace(
            format=None,
            evidence=f"{parts[log.file]} of training data, beside {_JOB}",
            left_out=parts[log.file],
        )
        if log.file in parts
        else log
        for log in logs
    ]
