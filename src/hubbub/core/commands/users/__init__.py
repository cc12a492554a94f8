"""Commands about oneself and others: coming, presence, WHO, WHOIS."""
