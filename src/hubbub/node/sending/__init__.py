"""What is sent: each connection's queue, who hears a channel, answers with a label."""
