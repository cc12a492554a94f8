"""How things look to whoever is shown them: delivery, names, capabilities."""
