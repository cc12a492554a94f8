"""Logs that earlier versions recorded, each with what it came to, replayed by this one."""
