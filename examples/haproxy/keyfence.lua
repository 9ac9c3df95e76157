-- Asks the check endpoint of Keyfence about a request (docs/haproxy.md). For /etc/haproxy/keyfence.lua.

local KEYFENCE = "http://127.0.0.1:8080/check"
local TIMEOUT_MS = 2000
-- local SECRET = "…"

local UNAVAILABLE = '{"error":"Temporarily unavailable."}'

-- Fields of this connection or of a body that the check does not send.
local NOT_PASSED = {
  ["connection"] = true,
  ["content-length"] = true,
  ["transfer-encoding"] = true,
  ["expect"] = true,
  ["host"] = true,
  ["keep-alive"] = true,
  ["proxy-connection"] = true,
  ["te"] = true,
  ["trailer"] = true,
}

-- Fields of an answer that HAProxy writes itself.
local NOT_RELAYED = {
  ["connection"] = true,
  ["content-length"] = true,
  ["date"] = true,
  ["keep-alive"] = true,
  ["transfer-encoding"] = true,
}

-- HAProxy counts the lines of a field from 0.
local function lines_of(values)
  local lines = {}
  for at = 0, #values do lines[#lines + 1] = values[at] end
  return lines
end

local function fields_of(txn)
  local fields = {}
  for name, values in pairs(txn.http:req_get_headers()) do
    if not NOT_PASSED[name] then fields[name] = lines_of(values) end
  end
  fields["x-original-method"] = { txn.sf:method() }
  fields["x-original-uri"] = { txn.sf:pathq() }
  fields["x-original-host"] = { txn.sf:req_hdr("host") }
  -- fields["keyfence-check-secret"] = { SECRET }
  return fields
end

local function set_identity(txn, answer)
  for _, name in ipairs({ "token-id", "owner", "source", "metadata" }) do
    local values = answer.headers["keyfence-" .. name]
    local variable = "txn.keyfence_" .. name:gsub("-", "_")
    txn:set_var(variable, values and values[0] or "")
  end
  txn:set_var("txn.keyfence", "allowed")
end

-- Whoever else listens at that address may say 200 as well. Keyfence names the token.
local function is_allowed(answer)
  local ids = answer.headers and answer.headers["keyfence-token-id"]
  return answer.status == 200 and ids ~= nil and ids[0]:find("^tok_") ~= nil
end

-- The refusal as Keyfence wrote it.
local function relay(txn, answer)
  local reply = txn:reply()
  reply:set_status(answer.status)
  for name, values in pairs(answer.headers) do
    if not NOT_RELAYED[name] then
      for _, value in ipairs(lines_of(values)) do reply:add_header(name, value) end
    end
  end
  if txn.sf:method() ~= "HEAD" then reply:set_body(answer.body) end
  txn:done(reply)
end

local function unavailable(txn)
  local reply = txn:reply()
  reply:set_status(503)
  reply:add_header("Content-Type", "application/json")
  reply:add_header("Cache-Control", "no-store")
  reply:add_header("Retry-After", "5")
  reply:add_header("Vary", "Origin")
  local origin = txn.sf:req_fhdr("origin")
  if origin ~= "" then reply:add_header("Access-Control-Allow-Origin", origin) end
  if txn.sf:method() ~= "HEAD" then reply:set_body(UNAVAILABLE) end
  txn:done(reply)
end

core.register_action("keyfence", { "http-req" }, function(txn)
  local answer = core.httpclient():get({
    url = KEYFENCE,
    headers = fields_of(txn),
    timeout = TIMEOUT_MS,
  })
  if answer and is_allowed(answer) then
    set_identity(txn, answer)
  elseif answer and answer.headers and answer.headers["keyfence-request-id"] then
    relay(txn, answer)
  else
    unavailable(txn)
  end
end)
