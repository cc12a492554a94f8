"""Commands about metadata (IRCv3 draft/metadata-2)."""
