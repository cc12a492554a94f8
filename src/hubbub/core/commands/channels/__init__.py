"""Commands about channels and who is in them."""
