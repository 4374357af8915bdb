"""The keys under which logs keep requests, responses and prompts."""

REQUEST = (
    "request",
    "request_body",
    "requestBody",
    "proxy_server_request",
    "req",
    "params",
    "payload",
    "body",
    "input",
    "inputs",
)
"""The keys of a request inside a record."""
RESPONSE = (
    "response",
    "response_body",
    "responseBody",
    "res",
    "output",
    "outputs",
    "completion",
    "result",
    "final_message",
)
"""The keys of a response inside a record."""
BODY = ("body", "json", "data")
"""The keys of a request or a response inside what transported it."""

ANSWER_BESIDE = frozenset(
    (
        "choices",
        "candidates",
        "usage",
        "usageMetadata",
        "object",
        "created",
        "system_fingerprint",
        "service_tier",
        "promptFeedback",
        "modelVersion",
        "responseId",
    )
)
"""The keys of a response that stand among the request's own."""


AROUND_RESPONSE = frozenset((*RESPONSE, *BODY))
ANSWER_ONLY = frozenset(("custom_id", "final_message"))
"""A record with one of these keys is an answer. Its request is in another file or not logged."""
AROUND_REQUEST = frozenset((*REQUEST, *BODY))
PROMPT = ("prompt", "input", "query", "question", "request", "user_input", "user_message")
"""The keys of a request that is only a text."""
