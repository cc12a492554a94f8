"""Commands about accounts and what proves them."""
