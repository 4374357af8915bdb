"""Content parts as the Trace model has them, from what the dialects say.

Where the model has no part for a kind of content, the nearest one stands for it: sound is a file.
What the log calls the kind is then kept as `original_type`, and its other keys beside it.
"""

from typing import Any

from trace_assets.trace import build

Part = dict[str, Any]

_CHECKED = frozenset(
    (
        "type",
        "text",
        "annotations",
        "logprobs",
        "refusal",
        "detail",
        "image_url",
        "filename",
        "file_url",
        "video_url",
    )
)
"""The keys whose values the model checks; residue cannot stand under them."""


def text(role: str, said: str, rest: dict[str, Any]) -> Part:
    """Text of either side. Annotations and log probabilities stay as the log has them."""
    if not rest:
        return build.text_part(role, said)
    kind: Part = (
        {"type": "output_text", "text": said, "annotations": []}
        if role == "assistant"
        else {"type": "input_text", "text": said}
    )
    if rest.get("annotations") == []:  # is there already, or would say nothing
        rest = {key: value for key, value in rest.items() if key != "annotations"}
    return kind | build.beside(rest, _CHECKED)


def reasoning(thought: str, rest: dict[str, Any], *, kind: str = "reasoning_text") -> Part:
    """What the model thought; the text is empty where the log has it encrypted only."""
    return {"type": kind, "text": thought, **build.beside(rest, _CHECKED)}


def with_rest(part: Part, rest: dict[str, Any]) -> Part:
    """A part with more residue."""
    return part | build.beside(rest, _CHECKED | part.keys())


def refusal(words: str, rest: dict[str, Any]) -> Part:
    """The model's words for not answering."""
    return {"type": "refusal", "refusal": words, **build.beside(rest, _CHECKED)}


def image(url: str | None, rest: dict[str, Any]) -> Part:
    """An image. `detail` is `auto` where the log gives none that the model knows: the default."""
    match rest:
        case {"detail": "low" | "high" | "auto" as detail, **rest}:
            pass
        case _:
            detail = "auto"
    address = {} if url is None else {"image_url": url}
    return {"type": "input_image", **address, "detail": detail, **build.beside(rest, _CHECKED)}


def file(rest: dict[str, Any]) -> Part:
    """A file: its `filename` and `file_url` if they are text, and all else as it is."""
    own = {
        key: value for key in ("filename", "file_url") if isinstance(value := rest.get(key), str)
    }
    residue = {key: value for key, value in rest.items() if key not in own}
    return {"type": "input_file", **own, **build.beside(residue, _CHECKED)}


def video(url: str, rest: dict[str, Any]) -> Part:
    """A video given to the model."""
    return {"type": "input_video", "video_url": url, **build.beside(rest, _CHECKED)}


def media(mime: str | None, rest: dict[str, Any], *, url: str | None, data: str | None) -> Part:
    """An image, a video or a file by its media type, at an address or as base64.

    Data becomes a data URL where the model has a field for the address, so that what reads a trace
    can show it; in a file it stays what it was, under `file_data`.
    """
    kind = (mime or "").partition("/")[0]
    if url is None and data is not None and kind in ("image", "video"):
        url = data if data.startswith("data:") else f"data:{mime};base64,{data}"
    match kind, url:
        case "image", _:
            return image(url, rest)
        case "video", str():
            return video(url, rest)
        case _:
            address = {} if url is None else {"file_url": url}
            content = {} if data is None else {"file_data": data}
            return file({**rest, **address, **content})


def output(value: Any, parts: list[Part] | None) -> str | list[Part]:
    """What a call returned: text as it is, input parts as a list, anything else as JSON.

    `parts` is the value as content parts, or None where some of it is none.
    """
    match value, parts:
        case str(), _:
            return value
        case None, _:
            return ""
        case _, [{"type": "input_text", "text": str(only), **rest}] if not rest:
            return only
        case _, [*_] if all(part["type"] in _OUTPUT_PARTS for part in parts):
            return parts
        case _:
            return build.json_text(value)


_OUTPUT_PARTS = frozenset(("input_text", "input_image", "input_file"))
