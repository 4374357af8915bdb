"""Scores of a sample by scorer, and the tokens that a sample reports of itself."""

from collections.abc import Mapping
from math import fsum
from typing import Any, cast

from trace_assets import vocabulary


def scores(rest: Mapping[str, Any]) -> dict[str, Any]:
    """The columns `scores` and `score`: the latter only where there is one scorer.

    >>> scores({"scores": {"match": {"value": "C"}, "length": {"value": 0.5}}})
    {'score': None, 'scores': {'match': 'C', 'length': 0.5}}
    >>> scores({"scores": {"match": {"value": "C", "answer": "4"}}})["score"]
    'C'
    """
    match rest:
        case {"scores": {**by_scorer}} if by_scorer:
            values = {name: _value(score) for name, score in by_scorer.items()}
        case {"score": score} if score is not None:
            values = {"score": _value(score)}
        case _:
            values: dict[str, Any] = {}
    only = next(iter(values.values())) if len(values) == 1 else None
    is_one_value = isinstance(only, str | int | float)
    return {"score": only if is_one_value else None, "scores": values or None}


def _value(score: Any) -> Any:
    match score:
        case {"value": value}:
            return value
        case _:
            return score


def reported_usage(rest: Mapping[str, Any]) -> dict[str, Any]:
    """Tokens and cost of all models, by `model_usage`.

    >>> reported_usage({"model_usage": {"a": {"input_tokens": 5, "output_tokens": 1}}})
    {'input_tokens': 5, 'output_tokens': 1}
    """
    by_model = rest.get("model_usage")
    each = list(cast("dict[str, Any]", by_model).values()) if isinstance(by_model, dict) else []
    tokens = vocabulary.sum_tokens(map(vocabulary.tokens, each)) if each else vocabulary.Tokens()
    costs = [cost for usage in each if (cost := vocabulary.find_cost(usage)) is not None]
    found = {
        "input_tokens": tokens.input,
        "output_tokens": tokens.output,
        "cost_usd": fsum(costs) if costs else None,
    }
    return {name: value for name, value in found.items() if value is not None}
