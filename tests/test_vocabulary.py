"""The names of facts: each name of each provider is read."""

from typing import Any

import pytest

from trace_assets import vocabulary


@pytest.mark.parametrize(
    "usage",
    [
        {"prompt_tokens": 9, "completion_tokens": 2, "total_tokens": 11},
        {"input_tokens": 9, "output_tokens": 2, "cache_read_input_tokens": 4},
        {"promptTokenCount": 9, "candidatesTokenCount": 2, "thoughtsTokenCount": 1},
        {"prompt_token_count": 9, "candidates_token_count": 2},
        {"inputTokens": 9, "outputTokens": 2},
        {"promptTokens": 9, "completionTokens": 2},
        {"input": 9, "output": 2, "cacheRead": 4, "cost": {"total": 0.1}},
        {"num_prompt_tokens": 9, "num_completion_tokens": 2},
        {"llm.token_count.prompt": 9, "llm.token_count.completion": 2},
        {"gen_ai.usage.input_tokens": 9, "gen_ai.usage.output_tokens": 2},
        {"ai.usage.promptTokens": 9, "ai.usage.completionTokens": 2},
        {"input_tokens": 0, "prompt_tokens": 9, "output_tokens": 0, "completion_tokens": 2},
    ],
)
def test_token_counts_have_the_names_of_every_provider(usage: dict[str, Any]) -> None:
    assert vocabulary.tokens(usage)[:2] == (9, 2)


@pytest.mark.parametrize("usage", [None, 5, "9", [], {}, {"prompt_tokens": True}, {"input": "Hi"}])
def test_what_is_no_count_is_unknown(usage: Any) -> None:
    assert not vocabulary.tokens(usage).is_known


@pytest.mark.parametrize(
    "record",
    [
        *({name: 0.25} for name in vocabulary.COST),
        *({name: {"total": 0.25, "input": 0.2}} for name in vocabulary.COST),
        {"usage": {"cost": {"total": 0.25}}},
        {"metrics": {"cost": 0.25}},
        {"response_cost": "0.25"},
        {"llm.cost.prompt": 0.125, "llm.cost.completion": 0.125},
        {"cost_details": {"input": 0.125, "output": 0.125}},
        {"mlflow.trace.cost": {"input_cost": 0.2, "output_cost": 0.05, "total_cost": 0.25}},
    ],
)
def test_cost_has_the_names_of_every_provider(record: dict[str, Any]) -> None:
    assert vocabulary.find_cost(record) == 0.25


def test_a_price_in_another_currency_is_no_cost_in_dollars() -> None:
    assert vocabulary.find_cost({"cost": {"total": 1, "currency": "EUR"}}) is None


@pytest.mark.parametrize(
    "cost", [10**400, float("inf"), float("nan"), True, "free", "", "1e999", []]
)
def test_what_is_no_price_is_unknown(cost: Any) -> None:
    assert vocabulary.cost(cost) is None
