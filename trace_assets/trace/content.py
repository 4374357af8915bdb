"""The parts that the content of a message, or the output of a function, is made of."""

from typing import Annotated, Literal

from pydantic import Discriminator, Field, Tag

from trace_assets.trace.values import Open, absent


class InputTextContent(Open, frozen=True):
    """Text given to the model."""

    type: Literal["input_text"] = "input_text"
    text: str


class UrlCitation(Open, frozen=True):
    """A web page that a stretch of output text rests on."""

    type: Literal["url_citation"] = "url_citation"
    url: str
    start_index: int
    end_index: int
    title: str


class TextCitation(Open, frozen=True):
    """A passage that output text rests on."""

    type: Literal["text_citation"] = "text_citation"
    content: str


Annotation = Annotated[UrlCitation | TextCitation, Discriminator("type")]


class TopLogProb(Open, frozen=True):
    """One of the likeliest tokens at a position, chosen or not."""

    token: str
    logprob: float
    bytes: list[int]


class LogProb(Open, frozen=True):
    """The log probability of a token the model wrote."""

    token: str
    logprob: float
    bytes: list[int]
    top_logprobs: list[TopLogProb]


class OutputTextContent(Open, frozen=True):
    """Text that the model wrote."""

    type: Literal["output_text"] = "output_text"
    text: str
    annotations: list[Annotation] = Field(default_factory=list[Annotation])
    logprobs: list[LogProb] | None = absent()


class TextContent(Open, frozen=True):
    """Text of either side."""

    type: Literal["text"] = "text"
    text: str


class SummaryTextContent(Open, frozen=True):
    """A summary of the model's reasoning."""

    type: Literal["summary_text"] = "summary_text"
    text: str


class ReasoningTextContent(Open, frozen=True):
    """The model's reasoning, which has no item of its own and so lives in a message."""

    type: Literal["reasoning_text"] = "reasoning_text"
    text: str


class RefusalContent(Open, frozen=True):
    """The model's words for not answering."""

    type: Literal["refusal"] = "refusal"
    refusal: str


class InputImageContent(Open, frozen=True):
    """An image given to the model."""

    type: Literal["input_image"] = "input_image"
    image_url: str | None = absent()
    """An address or a data URL; nothing checks which."""

    detail: Literal["low", "high", "auto"]


class InputFileContent(Open, frozen=True):
    """A file given to the model; the data itself goes into an unknown key."""

    type: Literal["input_file"] = "input_file"
    filename: str | None = absent()
    file_url: str | None = absent()


class InputVideoContent(Open, frozen=True):
    """A video given to the model."""

    type: Literal["input_video"] = "input_video"
    video_url: str


ContentPart = Annotated[
    InputTextContent
    | OutputTextContent
    | TextContent
    | SummaryTextContent
    | ReasoningTextContent
    | RefusalContent
    | InputImageContent
    | InputFileContent
    | InputVideoContent,
    Discriminator("type"),
]

OutputPart = Annotated[
    InputTextContent | InputImageContent | InputFileContent, Discriminator("type")
]


def _text_or_parts(value: object) -> str:
    return "parts" if isinstance(value, list) else "text"


FunctionResult = Annotated[
    Annotated[str, Tag("text")] | Annotated[list[OutputPart], Tag("parts")],
    Discriminator(_text_or_parts),
]
"""What a function returned: text, or a list of input parts."""
