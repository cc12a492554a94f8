-- Say in #lobby what a file holds, and take the file away.
hexchat.register("typist", "1", "types what a file says")
local typed = os.getenv("TYPED")
hexchat.hook_timer(200, function()
  local file = io.open(typed)
  if file then
    local text = file:read("*a")
    file:close()
    os.remove(typed)
    local lobby = hexchat.find_context(nil, "#lobby")
    if lobby then lobby:command("say " .. text) end
  end
  return true
end)
