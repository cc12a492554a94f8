from sopel import plugin


@plugin.command("run")
def run(bot, trigger):
    bot.say("ran " + trigger.group(2))
