"""Links out of docs/ to files of the repository: on the site they become names; one that leads nowhere is an error."""

import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
_LINK = re.compile(r"\[([^\]]+)\]\(((?:\.\./)+[^)#\s]+)(?:#[^)]*)?\)")


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Return a page's text for the site."""
    folder = (ROOT / "docs" / page.file.src_uri).parent

    def told(link: "re.Match[str]") -> str:
        target = (folder / link[2]).resolve()
        if target.is_relative_to(ROOT / "docs"):
            return link[0]
        if not target.exists():
            raise FileNotFoundError(f"{page.file.src_uri} leads to {link[2]}, which is not there")
        return f"{link[1]} (`{target.relative_to(ROOT)}`)"

    return _LINK.sub(told, markdown)
