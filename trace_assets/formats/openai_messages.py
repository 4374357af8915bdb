"""Chat messages as OpenAI's APIs take and give them: conversations, requests, responses.

Source: https://platform.openai.com/docs/api-reference/chat, `/responses`, `/batch` and the chat
format of fine-tuning; the many servers and loggers that speak it.
Observed: TODO
Residue: TODO
Dropped on purpose: TODO
"""

from collections.abc import Sequence
from typing import Any

from trace_assets import chatlogs
from trace_assets.formats import Claim, Format
from trace_assets.reading import Shape


def detect(documents: Sequence[Any]) -> Claim | None:
    """Claim chat logs with no words of another API in them."""
    told = chatlogs.told(documents)
    return told.claim if told and told.dialect == "openai" else None


FORMAT = Format(
    name="openai_messages",
    spec_url="https://platform.openai.com/docs/api-reference/chat",
    detect=detect,
    shape=Shape(),
    convert=chatlogs.convert,
    columns=chatlogs.COLUMNS,
    docs=__doc__ or "",
    gather=chatlogs.GATHER,
)
