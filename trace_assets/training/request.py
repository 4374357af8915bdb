"""What a teacher is asked, and the most that an answer can cost."""

import json
from hashlib import sha256
from typing import Any, NamedTuple


class Request(NamedTuple):
    """One request for a chat completion."""

    model: str
    instruction: str
    question: str
    answer_tokens: int

    def body(self) -> dict[str, Any]:
        """The parameters of the protocol. Temperature 0: the same answer, as far as models can."""
        return {
            "model": self.model,
            "messages": [
                {"role": "system", "content": self.instruction},
                {"role": "user", "content": self.question},
            ],
            "temperature": 0,
            "max_tokens": self.answer_tokens,
        }

    def key(self) -> str:
        """The hash of all that decides the answer."""
        canonical = json.dumps(self.body(), sort_keys=True, separators=(",", ":"))
        return sha256(canonical.encode()).hexdigest()

    def most_input_tokens(self) -> int:
        """A bound: no tokenizer makes more tokens than there are bytes; and a template's frame."""
        return len(self.instruction.encode()) + len(self.question.encode()) + _FRAME


_FRAME = 256
