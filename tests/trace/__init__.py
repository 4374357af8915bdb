"""Tests of the Trace model.

No example has a deadline, for machines that are busy are slow; `EXAMPLES=2000` looks harder.
"""

import os

from hypothesis import settings

settings.register_profile(
    "trace", deadline=None, max_examples=int(os.environ.get("EXAMPLES", "100"))
)
settings.load_profile("trace")
