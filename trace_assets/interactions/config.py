"""What the owner of a source declares about its interactions."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from trace_assets.interactions.match import AttributeMatcher

Role = Annotated[str, Field(min_length=1)]


class InteractionsConfig(BaseModel, frozen=True):
    """How a source's traces become interactions."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    per: Literal["turn", "trace"] = "turn"
    """What one interaction is: a user's turn with all that it caused, or a whole trace."""

    roles: dict[Role, tuple[AttributeMatcher, ...]] = {}
    """Tags by rule, such as `is_summarizer` or `noisy`: a step that any of the rules matches gets
    the tag, with the value `true`."""
