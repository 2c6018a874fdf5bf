"""What is written to `feedback` when somebody takes a recommendation up."""

from streams.contracts.feedback import Feedback
from streams.contracts.recommendations import CLICKED, Recommendation


def click_on(recommendation: Recommendation, item: str, at: str) -> Feedback | None:
    """Return that `item` of a recommendation was taken up at the time `at`; None where it was not among them."""
    taken = next((suggestion for suggestion in recommendation.items if suggestion.id == item), None)
    if taken is None:
        return None
    return Feedback(
        hotspot_id=taken.hotspot_id,
        verdict=CLICKED,
        at=at,
        stage="",
        judged_at="",
        recommendation=recommendation.request_id,
        item=item,
    )
