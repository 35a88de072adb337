# mypy: disallow-subclassing-any=False
"""Kafka's IncrementalAlterConfigs request (API key 44, KIP-339), which aiokafka does not have.

Its AlterConfigs replaces a topic's whole configuration, so that what others have set is lost unless it is
read and written back, with a race between the two. This request changes only what it names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import Array, Boolean, Int8, Int16, Int32, Schema, String

if TYPE_CHECKING:
    from collections.abc import Mapping

_TOPIC: Final = 2
_SET: Final = 0


class IncrementalAlterConfigsResponse(Response):
    """Version 0: an error code for each resource."""

    API_KEY = 44
    API_VERSION = 0
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "responses",
            Array(
                ("error_code", Int16),
                ("error_message", String("utf-8")),
                ("resource_type", Int8),
                ("resource_name", String("utf-8")),
            ),
        ),
    )


class IncrementalAlterConfigsStruct(RequestStruct):
    """Version 0 on the wire; brokers from 2.3 to 4.x read it."""

    API_KEY = 44
    API_VERSION = 0
    RESPONSE_TYPE = IncrementalAlterConfigsResponse
    SCHEMA = Schema(
        (
            "resources",
            Array(
                ("resource_type", Int8),
                ("resource_name", String("utf-8")),
                (
                    "configs",
                    Array(
                        ("name", String("utf-8")),
                        ("config_operation", Int8),
                        ("value", String("utf-8")),
                    ),
                ),
            ),
        ),
        ("validate_only", Boolean),
    )


class IncrementalAlterConfigs(Request[IncrementalAlterConfigsStruct]):
    """Sets configurations of topics: values by name by topic."""

    API_KEY = 44

    def __init__(self, topics: Mapping[str, Mapping[str, str]]) -> None:
        self._resources = [
            (_TOPIC, topic, [(name, _SET, value) for name, value in configs.items()])
            for topic, configs in topics.items()
        ]

    def build(
        self, request_struct_class: type[IncrementalAlterConfigsStruct]
    ) -> IncrementalAlterConfigsStruct:
        """The request of the version that was agreed on with the broker."""
        return request_struct_class(self._resources, False)
