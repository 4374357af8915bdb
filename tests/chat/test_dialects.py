"""Messages in the dialects of other APIs: what a reader sees of them, and nothing is lost."""

import pytest

from tests.chat.making import items, told
from trace_assets import chat

PNG = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "iVBO"}}


def test_anthropic_blocks_are_told_in_their_order() -> None:
    assert told(
        {
            "role": "assistant",
            "id": "msg_1",
            "type": "message",
            "content": [
                {"type": "thinking", "thinking": "hm", "signature": "s1"},
                {"type": "redacted_thinking", "data": "EnCr"},
                {"type": "text", "text": "I look.", "citations": None},
                {"type": "tool_use", "id": "t1", "name": "look", "input": {"at": "x"}},
                {"type": "text", "text": "And search."},
                {"type": "server_tool_use", "id": "s1", "name": "web_search", "input": {"q": "y"}},
            ],
            "usage": {"input_tokens": 3},
        },
        {
            "role": "user",
            "content": [
                {
                    "type": "web_search_tool_result",
                    "tool_use_id": "s1",
                    "content": {"type": "web_search_tool_result_error", "error_code": "busy"},
                },
                {"type": "tool_result", "tool_use_id": "t1", "content": [PNG], "is_error": False},
                {"type": "document", "source": {"type": "url", "url": "https://x/a.pdf"}},
            ],
        },
    ) == [
        "assistant: (hm) ()",
        "assistant: I look.",
        'call look {"at":"x"}',
        "assistant: And search.",
        'call web_search {"q":"y"}',
        'failed {"type":"web_search_tool_result_error","error_code":"busy"}',
        "output [image]",
        "user: [file]",
    ]


def test_what_a_tool_returned_is_text_or_parts_and_anything_else_json() -> None:
    def result(returned: object) -> list[str]:
        return told({"role": "tool", "tool_call_id": "1", "content": returned})

    text = {"type": "text", "text": "a"}
    assert result([text]) == ["output a"]
    assert result([text, {"type": "text", "text": "b"}]) == ["output a b"]
    assert result([text, {"hits": 2}]) == ['output [{"type":"text","text":"a"},{"hits":2}]']
    assert result({"hits": 2}) == ['output {"hits":2}']
    assert result(None) == ["output"]


def test_responses_items_are_calls_results_and_reasoning() -> None:
    assert told(
        {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Hi"}]},
        {
            "type": "reasoning",
            "id": "rs_1",
            "summary": [{"type": "summary_text", "text": "plan"}, {"type": "odd", "x": 8}],
            "content": None,
            "encrypted_content": "gAAA",
        },
        {"type": "reasoning", "id": "rs_2", "summary": [], "encrypted_content": "gBBB"},
        {"type": "function_call", "id": "fc", "call_id": "c1", "name": "f", "arguments": "{}"},
        {"type": "custom_tool_call", "call_id": "c2", "name": "patch", "input": "+ a"},
        {"type": "function_call_output", "call_id": "c1", "output": "1", "status": "completed"},
        {
            "type": "custom_tool_call_output",
            "call_id": "c2",
            "output": [{"type": "input_image", "image_url": "https://x/b.png"}],
        },
        {"type": "local_shell_call", "call_id": "c3", "action": {"command": ["ls"]}},
        {"type": "local_shell_call_output", "id": "c3", "output": "a.txt"},
    ) == [
        "user: Hi",
        "assistant: (plan)",
        "assistant: ()",
        "call f {}",
        "call patch + a",
        "output 1",
        "output [image]",
        'call local_shell {"command":["ls"]}',
        "output a.txt",
    ]


def test_responses_items_may_stand_among_the_parts_of_a_message() -> None:
    thought = {"type": "summary_text", "text": "plan"}
    (said, _) = items(
        {
            "role": "assistant",
            "content": [
                {"type": "reasoning", "summary": [thought], "id": "rs", "text": 7},
                {"type": "function_call", "call_id": "1", "name": "f", "arguments": "{}"},
            ],
        }
    )
    assert said["content"] == [{**thought, "id": "rs", "original_text": 7}]


def test_a_tool_of_the_server_is_called_and_answers_in_one_item() -> None:
    assert told(
        {"type": "web_search_call", "id": "ws", "status": "completed", "action": {"query": "q"}},
        {"type": "file_search_call", "id": "fs", "queries": ["q"], "results": [{"score": 0.5}]},
        {
            "type": "mcp_call",
            "id": "m",
            "name": "f",
            "server_label": "s",
            "arguments": "{}",
            "output": None,
            "error": "gone",
        },
    ) == [
        'call web_search {"query":"q"}',
        'call file_search ["q"]',
        'output [{"score":0.5}]',
        "call f {}",
        "failed",
    ]


def test_an_item_of_an_unknown_kind_is_kept_whole() -> None:
    tools = {"type": "mcp_list_tools", "id": "1", "tools": [{"name": "f"}]}
    approval = {"type": "mcp_approval_response", "approve": True}
    made = items(tools, approval)
    assert [(item["type"], item["content"]) for item in made] == [
        ("custom_task_output_message", tools),
        ("custom_task_input_message", approval),
    ]


@pytest.mark.parametrize(
    ("call", "response", "data", "mime"),
    [
        ("functionCall", "functionResponse", "inlineData", "mimeType"),
        ("function_call", "function_response", "inline_data", "mime_type"),
    ],
)
def test_gemini_parts_in_both_spellings(call: str, response: str, data: str, mime: str) -> None:
    assert told(
        {"role": "user", "parts": [{"text": "a"}, {data: {mime: "image/png", "data": "iVBO"}}]},
        {
            "role": "model",
            "parts": [
                {"text": "hm", "thought": True},
                {"text": "I look.", "thoughtSignature": "sig", call: None},
                {call: {"name": "look", "args": {"x": 1}}, "thoughtSignature": "sig2"},
            ],
        },
        {"role": "user", "parts": [{response: {"name": "look", "response": {"result": 2}}}]},
    ) == [
        "user: a [image]",
        "assistant: (hm)",
        "assistant: I look.",
        'call look {"x":1}',
        'output {"result":2}',
    ]


def test_opentelemetry_parts() -> None:
    assert told(
        {"role": "system", "parts": [{"type": "text", "content": "Be kind."}]},
        {
            "role": "assistant",
            "finish_reason": "tool_call",
            "parts": [
                {"type": "reasoning", "content": "hm"},
                {"type": "tool_call", "id": "1", "name": "f", "arguments": {"x": 1}},
                {"type": "server_tool_call", "id": "2", "name": "g", "server_tool_call": {"y": 2}},
            ],
        },
        {
            "role": "tool",
            "parts": [
                {"type": "tool_call_response", "id": "1", "response": "one"},
                {"type": "tool_call_response", "id": "2", "result": {"two": 2}},
            ],
        },
        {
            "role": "user",
            "parts": [
                {"type": "blob", "modality": "image", "mime_type": "image/png", "content": "iVBO"},
                {"type": "uri", "modality": "video", "uri": "https://x/a.mp4"},
                {"type": "file", "modality": "document", "file_id": "f1"},
            ],
        },
    ) == [
        "system: Be kind.",
        "assistant: (hm)",
        'call f {"x":1}',
        'call g {"y":2}',
        "output one",
        'output {"two":2}',
        "user: [image] [video] [file]",
    ]


def test_model_messages_of_the_ai_sdk() -> None:
    assert told(
        {"role": "user", "content": [{"type": "image", "image": "iVBO", "mediaType": "image/png"}]},
        {
            "role": "assistant",
            "content": [
                {"type": "reasoning", "text": "hm"},
                {"type": "tool-call", "toolCallId": "1", "toolName": "f", "input": {"x": 1}},
            ],
        },
        {
            "role": "tool",
            "content": [
                {
                    "type": "tool-result",
                    "toolCallId": "1",
                    "toolName": "f",
                    "output": {"type": "error-text", "value": "no"},
                }
            ],
        },
    ) == ["user: [image]", "assistant: (hm)", 'call f {"x":1}', "failed no"]


def test_ui_messages_of_the_ai_sdk_hold_a_call_and_its_result_in_one_part() -> None:
    assert told(
        {
            "id": "m1",
            "role": "assistant",
            "parts": [
                {"type": "step-start"},
                {
                    "type": "tool-look",
                    "toolCallId": "1",
                    "state": "output-available",
                    "input": {"x": 1},
                    "output": {"y": 2},
                },
                {
                    "type": "dynamic-tool",
                    "toolName": "f",
                    "toolCallId": "2",
                    "state": "output-error",
                    "input": {},
                    "errorText": "no",
                },
                {"type": "tool-wait", "toolCallId": "3", "state": "input-available", "input": {}},
                {"type": "text", "text": "Done.", "state": "done"},
            ],
        }
    ) == [
        'call look {"x":1}',
        'output {"y":2}',
        "call f {}",
        "failed no",
        "call wait {}",
        "assistant: Done.",
    ]


def test_bedrock_blocks() -> None:
    assert told(
        {
            "role": "user",
            "content": [{"text": "a"}, {"image": {"format": "png", "source": {"bytes": "iVBO"}}}],
        },
        {
            "role": "assistant",
            "content": [
                {"reasoningContent": {"reasoningText": {"text": "hm", "signature": "s"}}},
                {"toolUse": {"toolUseId": "1", "name": "f", "input": {"x": 1}}},
            ],
        },
        {
            "role": "user",
            "content": [
                {
                    "toolResult": {
                        "toolUseId": "1",
                        "content": [{"json": {"y": 2}}],
                        "status": "error",
                    }
                },
                {"cachePoint": {"type": "default"}},
            ],
        },
    ) == ["user: a [image]", "assistant: (hm)", 'call f {"x":1}', 'failed {"y":2}']


def test_langchain_messages_in_each_way_to_write_them() -> None:
    call = {"name": "f", "args": {"x": 1}, "id": "1", "type": "tool_call"}
    assert told(
        {
            "lc": 1,
            "type": "constructor",
            "id": ["langchain", "schema", "messages", "HumanMessage"],
            "kwargs": {"content": "a", "type": "human", "id": "own"},
        },
        {
            "type": "ai",
            "data": {
                "content": [
                    {"type": "text", "text": "I look."},
                    {"type": "tool_use", "id": "1", "name": "f", "input": {"x": 1}},
                ],
                "tool_calls": [call],
                "usage_metadata": {"input_tokens": 5},
            },
        },
        {"type": "tool", "content": "no", "tool_call_id": "1", "status": "error", "artifact": None},
        {"type": "AIMessageChunk", "content": "b"},
        {"type": "chat", "role": "user", "content": "c"},
    ) == [
        "user: a",
        "assistant: I look.",
        'call f {"x":1}',
        "failed no",
        "assistant: b",
        "user: c",
    ]


def test_sharegpt_conversations() -> None:
    assert told(
        {"from": "system", "value": "Be kind."},
        {"from": "human", "value": "a"},
        {"from": "function_call", "value": '[{"name": "f", "arguments": {"x": 1}}, {"name": "g"}]'},
        {"from": "observation", "value": "1"},
        {"from": "observation", "value": "2"},
        {"from": "function_call", "value": "f(x=1)"},
        {"from": "gpt", "value": "b", "weight": 1},
    ) == [
        "system: Be kind.",
        "user: a",
        'call f {"x":1}',
        "call g",
        "output 1",
        "output 2",
        "assistant: f(x=1)",
        "assistant: b",
    ]


def test_a_choice_of_a_completion_is_its_message_with_what_stands_around_it() -> None:
    (made,) = items(
        {"index": 0, "message": {"role": "assistant", "content": "a"}, "finish_reason": "stop"}
    )
    assert (made["index"], made["finish_reason"]) == (0, "stop")


@pytest.mark.parametrize(
    "value", [None, 7, [], "text", {}, {"content": "a"}, {"type": "text", "text": "a"}, {"role": 1}]
)
def test_what_does_not_say_whose_it_is_is_no_message(value: object) -> None:
    with pytest.raises(chat.UnknownMessageError, match="says whose it is"):
        chat.pieces(value)


def test_a_caller_may_say_whose_a_message_is() -> None:
    parts = [{"type": "text", "content": "a"}, {"text": "b"}, "c"]
    (said,) = chat.pieces(parts, role="system")
    assert isinstance(said, chat.Said)
    assert (said.role, len(said.parts)) == ("system", 3)
    (named,) = chat.pieces({"role": "Surfer", "content": "a"}, role="assistant")
    assert isinstance(named, chat.Said)
    assert (named.role, named.rest) == ("assistant", {"role": "Surfer"})


def test_langchain_calls_that_only_stand_among_the_provider_s_own_arguments_are_calls() -> None:
    call = {"id": "c1", "type": "function", "function": {"name": "look", "arguments": "{}"}}
    own = {"content": "", "tool_calls": [], "additional_kwargs": {"tool_calls": [call], "n": 1}}
    (called,) = items({"type": "ai", "data": own})
    assert called["name"] == "look"
    assert called["original_call_id"] == "c1"
    assert called["additional_kwargs"] == {"n": 1}
    legacy = {"function_call": {"name": "look", "arguments": "{}"}}
    assert items({"type": "ai", "content": "", "additional_kwargs": legacy})[-1]["name"] == "look"


def test_a_generation_holds_a_langchain_message_of_any_encoding() -> None:
    inner = {"type": "ai", "content": "Hello."}
    assert told({"text": "Hello.", "type": "ChatGeneration", "message": inner}) == [
        "assistant: Hello."
    ]


def test_a_langchain_message_whose_type_is_no_word_keeps_it() -> None:
    constructor = {"id": ["langchain_core", "AIMessage"], "kwargs": {"content": "hi", "type": {}}}
    (said,) = items(constructor)
    assert said["role"] == "assistant"
    assert said["original_type"] == {}


def test_items_of_the_agents_sdk_for_javascript_are_linked_by_their_camel_case_ids() -> None:
    call = {"type": "function_call", "callId": "c1", "name": "look", "arguments": "{}"}
    result = {
        "type": "function_call_result",
        "callId": "c1",
        "name": "look",
        "status": "completed",
        "output": {"type": "text", "text": "seen"},
    }
    called, answered = items(call, result)
    assert called["original_call_id"] == answered["original_call_id"] == "c1"
    assert called["call_id"] == answered["call_id"]
    assert answered["output"] == "seen"
