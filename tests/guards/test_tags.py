"""The tags of the guards are described where a user looks for them."""

from pathlib import Path

from trace_assets.guards.tags import OTHER_TAGS, SIGNS

PAGE = Path(__file__).parent.parent.parent / "docs" / "dataset.md"


def test_every_tag_is_described_in_the_page_of_the_dataset() -> None:
    page = PAGE.read_text(encoding="utf-8")
    tags = {sign.tag: sign.description for sign in SIGNS} | OTHER_TAGS
    for tag, description in tags.items():
        assert f"| `{tag}` | {description} |" in page
