"""Any record as a post, by a declarative file: `language.py` reads the file, `applying.py` uses it."""

from streams.mapping.applying import Unmapped, apply
from streams.mapping.language import Mapping, MappingError, read_mapping

__all__ = ["Mapping", "MappingError", "Unmapped", "apply", "read_mapping"]
