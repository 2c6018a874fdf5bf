"""The posts of the tests of briefs serve here too."""

from tests.unit.briefs.conftest import english

__all__ = ["english"]
