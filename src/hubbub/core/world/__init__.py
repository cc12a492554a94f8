"""What is, as the records have made it: users, channels, accounts, bans."""
