import pydle


class Bot(pydle.Client):
    async def on_connect(self):
        await super().on_connect()
        # Its SASL reads one line of capabilities, and a password it gives once only.
        await self.message("NickServ", "IDENTIFY bob bobs-password")
        await self.join("#lobby")

    async def on_message(self, target, source, message):
        await super().on_message(target, source, message)
        if message.startswith("!run ") and target == "#lobby":
            await self.message(target, "ran " + message[5:])


Bot("bob", realname="Bob").run("127.0.0.1", port=int("@TLS@"), tls=True, tls_verify=False)
