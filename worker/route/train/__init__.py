"""Training of the topic model: `python -m worker.route.train`. Needs the extra `train` (scipy)."""
