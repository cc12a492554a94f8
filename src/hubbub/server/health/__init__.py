"""How a server does, as those who watch it are told: over HTTP, by a service manager, in STATUS."""
