"""What a raw headline may weigh. Within these bounds every output fits a Kafka record."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

MAX_VALUE_BYTES: Final = 1_048_576
MAX_HEADLINE_CHARS: Final = 10_000
MAX_EXTRA_BYTES: Final = 131_072
"""The ceilings: what the limits may be set to at most. With all at once an output stays below 512 KiB."""

MAX_DEPTH: Final = 32
"""How deep the JSON of a raw record may be nested; encoders give up at about 250."""


class Limits(Struct, frozen=True):
    """The bounds of one deployment.

    Attributes:
        max_value_bytes: of the whole raw record's value, in bytes.
        max_headline_chars: of the headline, in code points, before repair and after it.
        max_extra_bytes: of the unknown fields together, in bytes of their JSON.

    Raises:
        ValueError: A limit is not positive, or is above its ceiling.
    """

    max_value_bytes: int = 262_144
    max_headline_chars: int = 2_000
    max_extra_bytes: int = 16_384

    def __post_init__(self) -> None:
        for name, value, ceiling in (
            ("max_value_bytes", self.max_value_bytes, MAX_VALUE_BYTES),
            ("max_headline_chars", self.max_headline_chars, MAX_HEADLINE_CHARS),
            ("max_extra_bytes", self.max_extra_bytes, MAX_EXTRA_BYTES),
        ):
            if not 1 <= value <= ceiling:
                raise ValueError(f"{name} is {value}; it must lie between 1 and {ceiling}")


DEFAULT: Final = Limits()
