"""The five kinds of conversation item, and the message's four roles."""

from typing import Annotated, Literal

from pydantic import Discriminator

from trace_assets.trace.content import ContentPart, FunctionResult
from trace_assets.trace.values import Json, Open, Status

Role = Literal["user", "assistant", "system", "developer"]


class BaseItem(Open, frozen=True):
    """What makes a model an item: nothing but the name."""


class BaseMessage(BaseItem, frozen=True):
    """What the messages of all roles have in common; no message is only this."""

    type: Literal["message"] = "message"
    id: str
    status: Status
    role: Role
    content: list[ContentPart]


class UserMessage(BaseMessage, frozen=True):
    """What the user said; each one begins a turn."""

    role: Literal["user"] = "user"


class AssistantMessage(BaseMessage, frozen=True):
    """What the agent said."""

    role: Literal["assistant"] = "assistant"


class SystemMessage(BaseMessage, frozen=True):
    """Instructions to the agent."""

    role: Literal["system"] = "system"


class DeveloperMessage(BaseMessage, frozen=True):
    """Instructions to the agent from its developer; never counted among system messages."""

    role: Literal["developer"] = "developer"


Message = Annotated[
    UserMessage | AssistantMessage | SystemMessage | DeveloperMessage, Discriminator("role")
]


class FunctionCall(BaseItem, frozen=True):
    """A tool call that the model asked for."""

    type: Literal["function_call"] = "function_call"
    id: str
    call_id: str
    """What its FunctionCallOutput repeats."""

    name: str
    arguments: str
    """The text the model wrote: meant to be a JSON object, not checked to be one."""

    status: Status


class FunctionCallOutput(BaseItem, frozen=True):
    """What a tool call returned."""

    type: Literal["function_call_output"] = "function_call_output"
    id: str
    call_id: str
    output: FunctionResult
    status: Status


CallPair = tuple[FunctionCall, FunctionCallOutput | None]
"""A call with its output, or with None where there is none."""


class CustomTaskInputMessage(BaseItem, frozen=True):
    """An input whose shape only its task knows."""

    type: Literal["custom_task_input_message"] = "custom_task_input_message"
    content: Json


class CustomTaskOutputMessage(BaseItem, frozen=True):
    """An output whose shape only its task knows."""

    type: Literal["custom_task_output_message"] = "custom_task_output_message"
    content: Json


MessageItem = Annotated[
    Message | CustomTaskInputMessage | CustomTaskOutputMessage, Discriminator("type")
]
"""An item that a message event can add."""

TraceItem = Annotated[
    Message | FunctionCall | FunctionCallOutput | CustomTaskInputMessage | CustomTaskOutputMessage,
    Discriminator("type"),
]
