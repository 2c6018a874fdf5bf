"""Other ways to find what is hot, from their published definitions, over the same posts and terms as the engine's."""

from streams.comparing.contest import BUDGETS, METHODS, Candidate, Contest, Place, best_within, places, told_at
from streams.comparing.picture import Curve, drawn

__all__ = ["BUDGETS", "METHODS", "Candidate", "Contest", "Curve", "Place", "best_within", "drawn", "places", "told_at"]
