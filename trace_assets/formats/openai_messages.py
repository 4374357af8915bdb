"""Chat messages as OpenAI's APIs take and give them: conversations, requests, responses.

Source: https://platform.openai.com/docs/api-reference (chat completions, responses, batches), its
guide to fine-tuning, and the servers and loggers that speak it: DeepSeek's, vLLM's, LiteLLM's and
OpenRouter's own keys.
Observed: lines of `{"messages": [...]}`; a bare array of messages, or of such objects; a message
per line; requests with their responses, under many names, as JSON or as text with JSON in it;
batches; results of runs of the Agents SDK; completions and responses alone; streams of events.
Legacy `functions` and `function_call`, parts with images, sound and files, refusals, reasoning,
parallel calls, missing, empty and repeated call ids, arguments as objects. Messages may stand under
`conversations`, `history`, `trajectory` and the like, with an instruction under another key.
Training sets: a prompt with its completion; a chosen and a rejected answer (OpenAI's preference
data, TRL, LLaMA-Factory, hh-rlhf, LMSYS's arena), where the conversation ends with the chosen one;
a question and its answer as texts, with the messages before them under `history`.
Which records are one conversation: those that share an id of a conversation, session, thread or
trace, in the order of their times if all have one; the lone messages of one array or file; else
those of which each repeats the one before, question and answer, as logs of single calls do.
Where the server keeps the conversation, `previous_response_id` links its records. It continues with
the newest response; an older response to the same one is a conversation of its own, which begins
with what was said before. If the first response is not in the log, the trace has the tag
`incomplete_conversation`. The request, response and error files of a batch are joined by
`custom_id`; with more than one request of that id in the folder, a response is quarantined
(`ambiguous_request`). The request of a response is read under any key if it is the only one in the
record. A response without one is quarantined (`no_request`), except in files of answers alone.
Residue: what a response says (id, model, usage) is on the first item of its answer, `response_...`
where the item has such a key; what the record and the request say is in `metadata.extra`, and where
a later call says otherwise, on its answer under `call`, or under `metadata.extra.calls`. A rejected
answer is in `metadata.extra` under its own key.
A conversation of which a message cannot be read is quarantined whole.
All tools that a model was offered are in `metadata.extra.tools` as functions of chat completions;
definitions in another form are kept where they were, too. Tokens and cost of calls that have no
item are summed in `metadata.extra.usage_without_item`; the totals that a record reports for a whole
conversation are in `metadata.extra.reported_usage`.
Where messages name their parents (exports of llama.cpp's web UI, OpenAssistant's rows), the
conversation is the path to the marked or newest leaf; others are in `metadata.extra.branches`.
Of several choices of one call, the first is the answer; the item keeps the others as
`other_choices`. If a record has a place for an answer, and neither answer nor error in it, the
trace has the tag `no_answer`.
Dropped on purpose: the history that a call repeats, with ids and the like that only the repetition
has under keys of the first writing (`metadata.extra.repeated_history` counts it); of a stream of
events (counted in `metadata.extra.streamed_events`) what the whole answer does not have: types,
indices, deltas, sequence numbers, obfuscation, and states before the last.
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
    silent=chatlogs.SILENT,
    kinds=chatlogs.KINDS,
)
