"""What people think worth being told of: learnt online from their verdicts, and able to say why."""

from streams.relevance.features import features_of
from streams.relevance.learner import Learner
from streams.relevance.lessons import Lessons, read_lesson

__all__ = ["Learner", "Lessons", "features_of", "read_lesson"]
