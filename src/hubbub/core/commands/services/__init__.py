"""NickServ and ChanServ, for those who know services."""
