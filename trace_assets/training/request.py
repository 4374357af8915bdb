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


def shown(value: Any) -> str:
    """A value as JSON for a model to read: letters as they are."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True)
    # A lone surrogate has no UTF-8, so that no request could hold it; escaped, it means the same.
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
