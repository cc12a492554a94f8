import irc3


@irc3.plugin
class Runner:
    def __init__(self, bot):
        self.bot = bot

    @irc3.event(irc3.rfc.PRIVMSG)
    def said(self, mask=None, target=None, data=None, event=None, **rest):
        if data.startswith("!run ") and target == "#lobby":
            self.bot.privmsg(target, "ran " + data[5:])


irc3.IrcBot.from_config(
    {
        "nick": "bob",
        "username": "bob",
        "realname": "Bob",
        "host": "127.0.0.1",
        "port": int("@PLAIN@"),
        "ssl": False,
        "timeout": 60,
        "sasl_username": "bob",
        "sasl_password": "bobs-password",
        "autojoins": ["#lobby"],
        "includes": ["irc3.plugins.core", "irc3.plugins.sasl", "irc3.plugins.ctcp", __name__],
    }
).run(forever=True)
