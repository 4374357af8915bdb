"""Interactions: traces as the records that people annotate.

- `InteractionStep`, `Interaction`, `InteractionGroup`, `Message`, `TokenUsage`: the records.
- `interactions_of` makes those of one trace, `each_of` those of many, `write_all` writes them;
  `grouped` puts interactions into their groups.
- `InteractionsConfig` says what one interaction is, and which steps play which role;
  `AttributeMatcher` is a rule of a role.
- `Checker` and `check_folder` hold a set to what its readers rely on and do not check.
"""

from trace_assets.interactions.assemble import Conversed, each_of, interactions_of
from trace_assets.interactions.check import Checker, Finding, Report
from trace_assets.interactions.config import InteractionsConfig
from trace_assets.interactions.groups import grouped
from trace_assets.interactions.load import check_folder
from trace_assets.interactions.match import AttributeMatcher
from trace_assets.interactions.model import (
    Interaction,
    InteractionGroup,
    InteractionStep,
    Message,
    TokenUsage,
)
from trace_assets.interactions.names import Names, directory_of
from trace_assets.interactions.originals import Original
from trace_assets.interactions.write import write_all

__all__ = [
    "AttributeMatcher",
    "Checker",
    "Conversed",
    "Finding",
    "Interaction",
    "InteractionGroup",
    "InteractionStep",
    "InteractionsConfig",
    "Message",
    "Names",
    "Original",
    "Report",
    "TokenUsage",
    "check_folder",
    "directory_of",
    "each_of",
    "grouped",
    "interactions_of",
    "write_all",
]
