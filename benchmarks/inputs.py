"""Big logs to measure with: real ones repeated under fresh ids, else the examples."""

import json
import os
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from typing import Any

EXAMPLES = Path(__file__).parent.parent / "examples" / "inbox"


def tau2bench_simulations() -> list[dict[str, Any]]:
    """The simulations to repeat: of the corpus named by TRACE_ASSETS_CORPUS, else the examples."""
    corpus = os.environ.get("TRACE_ASSETS_CORPUS")
    folder = Path(corpus) / "tau2bench" if corpus else EXAMPLES
    found: list[dict[str, Any]] = []
    for path in sorted(folder.rglob("*.json")):
        document = json.loads(path.read_bytes())
        simulations = document.get("simulations") if isinstance(document, dict) else None
        found += [one for one in simulations or [] if one.get("messages")]
    return found


def write_tau2bench(path: Path, megabytes: float) -> int:
    """Write one indented results file of about this size; the number of its simulations."""
    written = number = 0
    with path.open("w", encoding="utf-8") as file:
        file.write('{\n  "timestamp": "2026-01-02T00:00:00",\n  "tasks": [],\n')
        file.write(f'  "info": {json.dumps(_info())},\n  "simulations": [\n')
        for number, text in enumerate(_repeated()):
            if written >= megabytes * 1e6:
                break
            file.write((",\n" if number else "") + text)
            written += len(text.encode())
        file.write("\n  ]\n}\n")
    return number


def _repeated() -> Iterator[str]:
    texts = [
        json.dumps({**one, "id": "\0"}, indent=4, ensure_ascii=False)
        for one in tau2bench_simulations()
    ]
    for number, text in enumerate(cycle(texts)):
        yield text.replace("\\u0000", f"bench-{number:08d}", 1)


def _info() -> dict[str, Any]:
    return {
        "agent_info": {"implementation": "llm_agent", "llm": "bench-model"},
        "user_info": {"implementation": "user_simulator", "llm": "bench-user"},
        "environment_info": {"domain_name": "bench"},
    }
