"""The pages of docs/ that say what the code says; `make goldens` writes them anew."""

import re
from pathlib import Path

import pytest

from trace_assets.formats import Format, formats

PAGE = Path(__file__).parent.parent / "docs" / "formats.md"
PARTS = ("Source", "Observed", "Residue", "Dropped on purpose")
HEAD = """# What is read

Written from the docstrings of `trace_assets/formats/`, by `make goldens`. The format of a file is
detected by its structure, never by its name; `trace-assets detect` says why. Every scalar of a
record is in the trace, in the context or in quarantine, except what is *dropped on purpose*.
"""
CONVENTIONS = """## Expected results of other projects that differ

Some projects publish logs with the results that they expect. These two count in another way:

- agentevals, `kagent/v1.0.0-alpha9/claude_native_2turn`: `/tokens` is `{"input": 0, "output": 0}`,
  and `/turns/0/llm_calls` is `0`, though the log has nine spans `claude_code.llm_request` with
  tokens, such as `{"key": "input_tokens", "value": {"intValue": "10"}}` at
  `/resourceSpans/3/scopeSpans/0/spans/3/attributes/17`. Here these spans are calls of a model: they
  have 78 input tokens, without those read from a cache, and 1,940 output tokens.
- splitrail, `test_parse_codex_cli_counts_tool_calls`: it expects two calls, one for each call id.
  The rollout has three records `function_call`, two of them with `"call_id": "call_duplicate"`
  (`/payload/call_id` of the third and the fourth line). Here each record is a call, and the row has
  the tag `repeated_call`.
"""


def page() -> str:
    return "\n".join([HEAD, *(section(format) for format in formats().values()), CONVENTIONS])


def section(format: Format) -> str:
    summary, *parts = parts_of(format.docs)
    lines = [f"## {format.name}", "", f"{summary} ([described here]({format.spec_url}))", ""]
    lines += [f"- **{name}.** {text}" for name, text in zip(PARTS, parts, strict=True)]
    columns = ", ".join(f"`{name}`" for name in format.columns)
    return "\n".join(
        [*lines, f"- **Columns.** {columns}" if columns else "- **Columns.** none", ""]
    )


def parts_of(docs: str) -> list[str]:
    """The summary, then what follows each of `PARTS`, each on one line."""
    expression = r"(.*?)\n\n" + r"\n".join(rf"{name}:\s(.*?)" for name in PARTS) + r"\Z"
    found = re.fullmatch(expression, docs.strip(), re.DOTALL)
    assert found, f"expected a summary, then {', '.join(PARTS)}, in this order:\n{docs}"
    return [" ".join(part.split()) for part in found.groups()]


@pytest.mark.parametrize("name", formats())
def test_the_docstring_of_a_format_says_where_its_knowledge_is_from(name: str) -> None:
    assert all(parts_of(formats()[name].docs))


def test_the_page_of_formats_says_what_the_docstrings_say(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--update-goldens"):
        PAGE.write_text(page(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page(), "run `make goldens` and read the difference"
