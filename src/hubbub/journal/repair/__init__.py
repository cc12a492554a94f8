"""Looking through a whole journal, and making a new one of what can be read of a damaged one."""
