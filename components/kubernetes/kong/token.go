package kong

import (
	"fmt"
	"strings"

	"platform/components/gateway"
)

// parser is the module that reads tokens, which the sandbox of functions lets the function below have
// (https://github.com/Kong/kong/blob/3.9.3/kong.conf.default, untrusted_lua_sandbox_requires).
const parser = "kong.plugins.jwt.jwt_parser"

// tokenFunction is what the plugin for tokens does not look at: who issued a token, for whom, and from when on. The plugin has
// proven the signature and the end by then, and hands the token on
// (https://github.com/Kong/kong/blob/3.9.3/kong/plugins/jwt/handler.lua); without one the function fails, and the request with it.
func tokenFunction(a gateway.Audience) string {
	var accepted strings.Builder
	for _, claim := range a.Audiences {
		fmt.Fprintf(&accepted, "[%s] = true, ", luaText(claim))
	}
	return fmt.Sprintf(`local parser = require %q
local issuer = %s
local accepted = { %s}

local function refuse(why)
  return kong.response.exit(401, { message = why }, { ["WWW-Authenticate"] = 'Bearer error="invalid_token"' })
end

return function()
  local token = assert(parser:new(kong.ctx.shared.authenticated_jwt_token))
  local claims = token.claims
  if claims.iss ~= issuer then
    return refuse("Token of another issuer")
  end
  if claims.nbf ~= nil and (type(claims.nbf) ~= "number" or claims.nbf > ngx.time()) then
    return refuse("Token is not valid yet")
  end
  local named = claims.aud
  if type(named) ~= "table" then
    named = { named }
  end
  for _, each in ipairs(named) do
    if accepted[each] then
      return
    end
  end
  return refuse("Token for another audience")
end
`, parser, luaText(a.Issuer), accepted.String())
}

// luaText is a literal of the text, with nothing in it that ends it
// (https://www.lua.org/manual/5.1/manual.html#2.1).
func luaText(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i := range len(s) {
		c := s[i]
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', strings.IndexByte("-._~:/@", c) >= 0:
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, `\%03d`, c)
		}
	}
	b.WriteByte('"')
	return b.String()
}
