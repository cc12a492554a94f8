"""NATS JetStream as the log that the nodes share; the one place that knows its client library."""
