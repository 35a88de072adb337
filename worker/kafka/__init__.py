"""What Kafka offers beyond what aiokafka gives: for the transport, the log and the tail alike."""
