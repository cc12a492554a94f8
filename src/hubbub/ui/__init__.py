"""The chat on a terminal, wherever that terminal is: a prompt below, scrollback above."""
