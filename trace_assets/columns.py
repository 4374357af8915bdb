"""The columns of a dataset row, with what each says: `docs/dataset.md` shows these tables."""

from typing import Final

BASE: Final[dict[str, str]] = {
    "trace_id": "The log's own id of the conversation, else the sha256 of its record.",
    "source": "The source of the partition; null from the command line.",
    "date": "The day of the partition; null from the command line.",
    "format": "The format that read the record.",
    "source_uri": "The file and record, such as `sims.json#simulations/12`.",
    "source_sha256": "The sha256 of the raw file.",
}
"""The columns of every row, after `trace` and before those of format and enrichment."""

OF_FORMATS: Final[dict[str, str]] = {
    "agent_cost": "The cost of the agent, as the log states it.",
    "agent_id": "The id of the sub-agent.",
    "agent_version": "The version of the agent.",
    "client_version": "The version of the coding agent.",
    "conversation_id": "The id of the conversation that the log names.",
    "cwd": "The working directory of the session.",
    "domain": "The domain of the simulation.",
    "epoch": "The number of the epoch in which the sample ran.",
    "experiment_id": "The id of the experiment.",
    "git_branch": "The git branch of the working directory.",
    "group_id": "The id of the group that the trace belongs to.",
    "model_calls": "The number of model calls in the conversation.",
    "parent_session": "The session that this one was forked from.",
    "parent_session_id": "The id of the session that this one was forked from.",
    "project": "The name of the project.",
    "reward": "The reward of the simulation.",
    "root_span": "The name of the root span.",
    "run_id": "The id of the evaluation run.",
    "run_name": "The name of the root run.",
    "sample_id": "The id of the sample.",
    "schema_version": "The version of the log's schema.",
    "score": "The score, where there is only one.",
    "scores": "The scores by scorer.",
    "service_name": "The name of the service.",
    "session_id": "The id of the session.",
    "simulation_id": "The id of the simulation.",
    "state": "The state of the trace, such as `OK`.",
    "task": "The name of the task.",
    "task_id": "The id of the task.",
    "termination_reason": "The reason why the simulation ended.",
    "title": "The title of the session.",
    "total_cost": "The cost of the trace, as the log states it.",
    "trace_name": "The name of the trace.",
    "trajectory_id": "The id of the trajectory.",
    "trial": "The number of the trial.",
    "user_cost": "The cost of the simulated user, as the log states it.",
    "user_id": "The id of the user.",
    "workflow_name": "The name of the workflow.",
}
"""The columns that formats add, by name; a dataset has those of the formats that are in it."""

ENRICHED: Final[dict[str, str]] = {
    "agent": "The agent, as the log or `sources.yaml` names it.",
    "model": "The model, as the log or `sources.yaml` names it.",
    "turns": "The number of turns; each begins with a user message.",
    "messages": "The number of messages.",
    "tool_calls": "The number of tool calls.",
    "tool_errors": "The number of tool outputs that are errors.",
    "input_tokens": "The tokens that the model calls read; null where the log has none.",
    "output_tokens": "The tokens that the model calls wrote; null where the log has none.",
    "total_tokens": "All tokens; null where the log has none.",
    "cost_usd": "The cost in US dollars; null where the log has none.",
    "created_at": "The time of the start, else the earliest time of an item or event.",
    "duration_s": "The duration in seconds, as stated, else between the first and last time.",
    "text_share": "The share of the prose of the records that is in the items; null where there is "
    "no prose.",
    "tags": "The tags of the log, of `sources.yaml`, and those that this page lists.",
}
"""The columns that enrichment adds to every row, in order."""
