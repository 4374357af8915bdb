"""Chat messages of the other APIs and libraries: Anthropic, Gemini, Bedrock, LangChain, ShareGPT.

Source: https://docs.anthropic.com/en/api/messages, https://ai.google.dev/api/generate-content,
https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html, LangChain's
`langchain_core.messages`, the AI SDK's model and UI messages, the ShareGPT data sets, the sessions
of https://github.com/google/adk-python.
Observed: the same kinds of records as in `openai_messages`, which differs from this format only in
whose words a log is told by: requests with their responses, conversations, answers alone, streams
of events, and messages in a list of their own; `contents` with `parts`, blocks of text, thinking
and tools, `from` and `value`, roles such as `human` and `model`; the `events` of a session of
Google's ADK, whose `author` is `user` or an agent's name.
Residue: as in `openai_messages`. What an answer used is in its item's `usage`, whatever its API
calls it.
Dropped on purpose: as in `openai_messages`, the history that a call repeats, and of a stream of
events what the whole answer does not have.
"""

from collections.abc import Sequence
from typing import Any

from trace_assets import chatlogs
from trace_assets.formats import Claim, Format
from trace_assets.reading import Shape


def detect(documents: Sequence[Any]) -> Claim | None:
    """Claim chat logs with words of an API that is not OpenAI's."""
    told = chatlogs.told(documents)
    return told.claim if told and told.dialect == "other" else None


FORMAT = Format(
    name="chat_messages",
    spec_url="https://docs.anthropic.com/en/api/messages",
    detect=detect,
    shape=Shape(),
    convert=chatlogs.convert,
    columns=chatlogs.COLUMNS,
    docs=__doc__ or "",
    gather=chatlogs.GATHER,
    silent=chatlogs.SILENT,
    kinds=chatlogs.KINDS,
)
