"""Route: one primary topic for each headline, with a confidence, and the event that goes out."""
