"""Reading back: pages, what was missed, what a device was not told yet, searching."""
