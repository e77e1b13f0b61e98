-- Asks Asteroid about the token of a request; check.cfg says when. Nobody is let in by any answer but 200.
local QUESTION = "http://127.0.0.1:8880/check?audience=https://api.example.com&scope=orders.read"
-- Not the Host of the request: whoever calls chooses that one.
local ORIGIN = "https://api.example.com"
local TOLD = { "x-auth-subject", "x-auth-client-id", "x-auth-scope", "x-auth-audience" }

-- Every line of that name: of two tokens neither is chosen here, and Asteroid refuses both.
local function lines(headers, name)
  local found = {}
  for index = 0, #(headers[name] or {}) do
    local line = headers[name] and headers[name][index]
    if line then found[#found + 1] = line end
  end
  return found
end

local function refuse(txn, status, answer)
  local reply = txn:reply({ status = status })
  for _, name in ipairs({ "www-authenticate", "dpop-nonce" }) do
    for _, line in ipairs(answer and lines(answer, name) or {}) do reply:add_header(name, line) end
  end
  txn:done(reply)
end

core.register_action("check", { "http-req" }, function(txn)
  local target = txn.f:pathq()
  -- `OPTIONS *`, CONNECT and an address without a path ask for nothing that anybody could be asked about.
  if not target then return refuse(txn, 400) end
  local headers = txn.http:req_get_headers()
  local answer = core.httpclient():get({
    url = QUESTION,
    timeout = 2000,
    headers = {
      ["authorization"] = lines(headers, "authorization"),
      ["dpop"] = lines(headers, "dpop"),
      ["x-original-method"] = { txn.f:method() },
      ["x-original-url"] = { ORIGIN .. target },
    },
  })
  local status = answer and answer.status
  if status == 401 or status == 403 then return refuse(txn, status, answer.headers) end
  if status ~= 200 then return refuse(txn, 503) end
  for _, name in ipairs(TOLD) do
    local said = lines(answer.headers, name)
    if #said ~= 1 then return refuse(txn, 503) end
    txn.http:req_set_header(name, said[1])
  end
  local nonce = lines(answer.headers, "dpop-nonce")[1]
  if nonce then txn:set_var("txn.check_nonce", nonce) end
  txn:set_var("txn.check_passed", true)
end, 0)
