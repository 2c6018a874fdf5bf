"""From bursting terms to stories: merging, life cycle, credibility, the budget and the decision to alert."""
