"""newswire: headlines in; clean, de-duplicated, topic-routed Kafka streams out."""

__version__ = "0.1.0"
