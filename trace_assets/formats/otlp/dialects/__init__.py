"""The dialects of attributes, one file each; where a span has several, each fact is the first's."""

from trace_assets.formats.otlp.dialects import (
    claude_code,
    genai,
    google_adk,
    indexed,
    logfire,
    openinference,
    plain,
    vercel,
    whole,
)

DIALECTS = (
    logfire.DIALECT,
    vercel.DIALECT,
    google_adk.DIALECT,
    claude_code.DIALECT,
    genai.DIALECT,
    indexed.DIALECT,
    openinference.DIALECT,
    whole.MLFLOW,
    whole.LANGFUSE,
    plain.DIALECT,
)
"""Those that tell more of a span than others come first."""

__all__ = ["DIALECTS"]
