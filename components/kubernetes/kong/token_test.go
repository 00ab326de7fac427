package kong

import (
	"encoding/json"
	"strings"
	"testing"

	lua "github.com/yuin/gopher-lua"

	"platform/components/gateway"
)

// judge runs the function of a door on a token whose claims are given, as the plugin does: the function is made once, by the
// first request, and asked again by each (https://github.com/Kong/kong/blob/3.9.3/kong/plugins/pre-function/_handler.lua). It has
// the names that the sandbox lets it have, and returns the answer that it gives instead of the service.
func judge(t *testing.T, a gateway.Audience, claims string) (status int, message string) {
	t.Helper()
	l := lua.NewState(lua.Options{SkipOpenLibs: true})
	defer l.Close()
	for name, open := range map[string]lua.LGFunction{lua.BaseLibName: lua.OpenBase} {
		l.Push(l.NewFunction(open))
		l.Push(lua.LString(name))
		l.Call(1, 0)
	}
	for _, name := range []string{"dofile", "loadfile", "load", "loadstring", "getmetatable", "setmetatable", "rawget", "rawset"} {
		l.SetGlobal(name, lua.LNil)
	}
	l.SetGlobal("require", l.NewFunction(func(l *lua.LState) int {
		if module := l.CheckString(1); module != parser {
			l.RaiseError("require %q not allowed within sandbox", module)
		}
		module := l.NewTable()
		module.RawSetString("new", l.NewFunction(func(l *lua.LState) int {
			if l.CheckString(2) != "the token" {
				l.RaiseError("another token is read")
			}
			var said any
			if err := json.Unmarshal([]byte(claims), &said); err != nil {
				t.Fatal(err)
			}
			token := l.NewTable()
			token.RawSetString("claims", tableOf(l, said))
			l.Push(token)
			return 1
		}))
		l.Push(module)
		return 1
	}))
	if err := l.DoString(`
kong = { ctx = { shared = { authenticated_jwt_token = "the token" } }, response = {} }
ngx = { time = function() return 1000 end }
`); err != nil {
		t.Fatal(err)
	}
	respond, _ := l.GetField(l.GetGlobal("kong"), "response").(*lua.LTable)
	respond.RawSetString("exit", l.NewFunction(func(l *lua.LState) int {
		status, message = l.CheckInt(1), l.GetField(l.CheckTable(2), "message").String()
		return 0
	}))
	if err := l.DoString(tokenFunction(a)); err != nil {
		t.Fatal(err)
	}
	function := l.Get(-1)
	for range 2 {
		status, message = 0, ""
		if err := l.CallByParam(lua.P{Fn: function, NRet: 0, Protect: true}); err != nil {
			return 500, err.Error()
		}
	}
	return status, message
}

func tableOf(l *lua.LState, v any) lua.LValue {
	switch v := v.(type) {
	case map[string]any:
		out := l.NewTable()
		for key, each := range v {
			out.RawSetString(key, tableOf(l, each))
		}
		return out
	case []any:
		out := l.NewTable()
		for _, each := range v {
			out.Append(tableOf(l, each))
		}
		return out
	case string:
		return lua.LString(v)
	case float64:
		return lua.LNumber(v)
	case bool:
		return lua.LBool(v)
	}
	return lua.LNil
}

func TestATokenIsForThisAudienceOfThisIssuer(t *testing.T) {
	door := gateway.Audience{Auth: gateway.JWT, Issuer: "https://login.example.com/", Audiences: []string{"app", `a"b\c]] --`}}
	for name, test := range map[string]struct {
		claims string
		status int
		why    string
	}{
		"one audience":              {`{"iss": "https://login.example.com/", "aud": "app"}`, 0, ""},
		"one of several":            {`{"iss": "https://login.example.com/", "aud": ["other", "app"]}`, 0, ""},
		"an audience with signs":    {`{"iss": "https://login.example.com/", "aud": "a\"b\\c]] --"}`, 0, ""},
		"valid from now on":         {`{"iss": "https://login.example.com/", "aud": "app", "nbf": 1000}`, 0, ""},
		"not valid yet":             {`{"iss": "https://login.example.com/", "aud": "app", "nbf": 1001}`, 401, "Token is not valid yet"},
		"valid from a text on":      {`{"iss": "https://login.example.com/", "aud": "app", "nbf": "0"}`, 401, "Token is not valid yet"},
		"another audience":          {`{"iss": "https://login.example.com/", "aud": "admin"}`, 401, "Token for another audience"},
		"no audience":               {`{"iss": "https://login.example.com/"}`, 401, "Token for another audience"},
		"an empty list":             {`{"iss": "https://login.example.com/", "aud": []}`, 401, "Token for another audience"},
		"a list in a list":          {`{"iss": "https://login.example.com/", "aud": [["app"]]}`, 401, "Token for another audience"},
		"a number":                  {`{"iss": "https://login.example.com/", "aud": 1}`, 401, "Token for another audience"},
		"another issuer":            {`{"iss": "https://login.example.org/", "aud": "app"}`, 401, "Token of another issuer"},
		"an issuer that begins so":  {`{"iss": "https://login.example.com/x", "aud": "app"}`, 401, "Token of another issuer"},
		"no issuer":                 {`{"aud": "app"}`, 401, "Token of another issuer"},
		"true is no audience of it": {`{"iss": "https://login.example.com/", "aud": true}`, 401, "Token for another audience"},
	} {
		if status, why := judge(t, door, test.claims); status != test.status || why != test.why {
			t.Errorf("%s: %d %q, want %d %q", name, status, why, test.status, test.why)
		}
	}
}

// Without a token that the plugin has proven, the function fails, and with it the request.
func TestWithoutAProvenTokenNothingPasses(t *testing.T) {
	text := strings.Replace(tokenFunction(gateway.Audience{Audiences: []string{"app"}}), "authenticated_jwt_token", "nothing", 1)
	l := lua.NewState()
	defer l.Close()
	if err := l.DoString(`kong = { ctx = { shared = {} } }; require = function() return { new = function(_, token) assert(token) end } end`); err != nil {
		t.Fatal(err)
	}
	if err := l.DoString(text); err != nil {
		t.Fatal(err)
	}
	if err := l.CallByParam(lua.P{Fn: l.Get(-1), NRet: 0, Protect: true}); err == nil {
		t.Error("the request passes")
	}
}
