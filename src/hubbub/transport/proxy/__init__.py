"""Proxies that say for whom they connect, and which of them are believed."""
