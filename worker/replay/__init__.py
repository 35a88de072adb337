"""Replay: headlines of files as raw events for Kafka.

    document ── read ──▶ entries and faults ── event ──▶ key and value ── send ──▶ headlines.raw

Reading is pure and knows no Kafka; `newswire preview` reads the same way.
"""
