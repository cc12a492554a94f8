const { Client } = require("irc-framework");

const bot = new Client();
bot.connect({
  host: "127.0.0.1",
  port: Number("@TLS@"),
  tls: true,
  rejectUnauthorized: false,
  nick: "bob",
  username: "bob",
  gecos: "Bob",
  account: { account: "bob", password: "bobs-password" },
  auto_reconnect: true,
  auto_reconnect_wait: 1000,
  auto_reconnect_max_wait: 2000,
  auto_reconnect_max_retries: 60,
});
bot.on("registered", () => bot.join("#lobby"));
bot.on("message", (event) => {
  if (event.target === "#lobby" && event.message.startsWith("!run ")) {
    bot.say("#lobby", "ran " + event.message.slice(5));
  }
});
