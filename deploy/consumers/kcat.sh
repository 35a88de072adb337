#!/usr/bin/env bash
# One stream from its beginning to its end: key, headers and value of each record.
#
#     deploy/consumers/kcat.sh news.sport [127.0.0.1:9092]
set -euo pipefail

kcat -C -b "${2:-127.0.0.1:9092}" -t "$1" -o beginning -e -q -f 'key: %k\nheaders: %h\nvalue: %s\n\n'
