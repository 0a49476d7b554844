"""Who was in a campaign, who was left alone to compare, and what came of it."""
