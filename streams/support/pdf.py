"""The text of a PDF, page by page, within limits; those of pypdf itself bound what a compressed stream may become.

What runs it must bound its time and memory all the same: a PDF is nearly a program.
"""

import io
import logging
from typing import Final

import pypdf
from pypdf.errors import PyPdfError

from streams.support.documents import Section, UnreadableDocument

MAX_PAGES: Final = 500
MAX_CHARS: Final = 2_000_000


def pdf_sections(data: bytes) -> list[Section]:
    """Return a section for each page that has text, at most `MAX_PAGES` and `MAX_CHARS`.

    Raises:
        UnreadableDocument: it is broken, encrypted, a bomb, or has pictures instead of text.
    """
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    sections: list[Section] = []
    left = MAX_CHARS
    try:
        reader = pypdf.PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise UnreadableDocument("it is encrypted")
        for number, page in enumerate(reader.pages, 1):
            if number > MAX_PAGES or left <= 0:
                break
            text = page.extract_text()[:left]
            left -= len(text)
            if text.strip():
                sections.append((f"{number}", text))
    except MemoryError:
        raise UnreadableDocument("reading it takes more memory than a document may") from None
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError, OSError) as error:
        line = " ".join(str(error).split())[:200]
        raise UnreadableDocument(f"it cannot be read as a PDF: {line or type(error).__name__}") from None
    if not sections:
        raise UnreadableDocument("it has no text, only pictures perhaps")
    return sections
