"""The posts of the tests of briefs serve here too."""

from tests.unit.briefs.conftest import chinese, english

__all__ = ["chinese", "english"]
