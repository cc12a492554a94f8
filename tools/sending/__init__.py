"""What it costs to pass one message on to many sockets, by each way that there is."""
