#!/usr/bin/env bash
# Sends raw headlines, one JSON object a line, as any producer may: here one to headlines.raw, keyed by its id. kcat's own
# partitioner is not Kafka's: one key would go to another partition than from newswire replay, and so lose its order.
#
#     deploy/consumers/produce.sh [127.0.0.1:9092]
kcat -P -b "${1:-127.0.0.1:9092}" -t headlines.raw -k kcat-1 -X topic.partitioner=murmur2_random <<'END'
{"id": "kcat-1", "source": "kcat", "headline": "Storm cuts power on the coast", "language": "en"}
END
