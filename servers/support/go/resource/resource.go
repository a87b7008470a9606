// Package resource is what every server serves, in words of no framework: each registers the routes with its own router,
// and writes the replies with its own means.
package resource

import (
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
)

// Request is what the handlers read of a request.
type Request struct {
	// Code is the last segment of the path of /status.
	Code string
	// To and Status are the query parameters of /redirect.
	To, Status string
	// Cookie is the header.
	Cookie string
}

// Reply is what a handler answers.
type Reply struct {
	Status int
	// Header is set, and Vary added to what the response varies by already.
	Header map[string]string
	Vary   string
	// JSON is the body, if any, and Text the one of the route that answers in plain text.
	JSON any
	Text string
}

// Route is one method of one path.
type Route struct {
	Method string
	// Path holds the segment that varies as "{code}".
	Path   string
	Handle func(Request) Reply
	// Protected routes stand behind the check of [Authorized].
	Protected bool
}

var (
	readAndWrite = []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}
	read         = []string{http.MethodGet}
	readAndPost  = []string{http.MethodGet, http.MethodPost}
	redirected   = []string{http.MethodGet, http.MethodPost, http.MethodPut}
	options      = []string{http.MethodOptions}
)

// Routes returns the routes of one instance, with a count of their own.
func Routes() []Route {
	var hits atomic.Int64
	counted := func(Request) Reply {
		hits.Add(1)
		return ok()
	}
	var routes []Route
	add := func(methods []string, path string, handle func(Request) Reply) {
		for _, method := range methods {
			routes = append(routes, Route{Method: method, Path: path, Handle: handle, Protected: path == "/protected"})
		}
	}
	add(readAndWrite, "/resource", counted)
	add(read, "/cacheable", func(Request) Reply { return ok().with("Cache-Control", "public, max-age=600") })
	add(readAndPost, "/status/{code}", status)
	add(readAndPost, "/error", func(Request) Reply { panic("the handler fails") })
	add(read, "/protected", func(Request) Reply { return ok() })
	add(read, "/session", session)
	add(redirected, "/redirect", redirect)
	add(options, "/own-options", func(Request) Reply {
		return Reply{Status: http.StatusOK, Text: "own"}.with("Allow", "GET, OPTIONS")
	})
	add(read, "/own-cors", func(Request) Reply { return ok().with("Access-Control-Allow-Origin", "https://legacy.example") })
	add(read, "/hits", func(Request) Reply {
		return Reply{Status: http.StatusOK, JSON: map[string]int64{"hits": hits.Load()}}
	})
	return routes
}

// ColonPath is the path as routers want it that mark the segment which varies by a colon.
func (r Route) ColonPath() string { return strings.Replace(r.Path, "{code}", ":code", 1) }

// Authorized tells whether the value of an Authorization header opens /protected.
func Authorized(authorization string) bool { return authorization == "Bearer letmein" }

// Unauthorized is the answer to a request that is not authorized.
func Unauthorized() Reply {
	return Reply{Status: http.StatusUnauthorized}.with("WWW-Authenticate", "Bearer")
}

func ok() Reply {
	reply := Reply{Status: http.StatusOK, Vary: "Accept-Language", JSON: map[string]string{"resource": "ok"}}
	return reply.with("X-Request-Id", "r-1").with("X-Secret", "s-1")
}

func (r Reply) with(name, value string) Reply {
	if r.Header == nil {
		r.Header = map[string]string{}
	}
	r.Header[name] = value
	return r
}

// status knows no 1xx, which is no final answer; some others have no body.
func status(request Request) Reply {
	code, err := strconv.Atoi(request.Code)
	switch {
	case err != nil || code < 200 || code > 599:
		return Reply{Status: http.StatusNotFound}
	case code == http.StatusNoContent || code == http.StatusResetContent || code == http.StatusNotModified:
		return Reply{Status: code}
	default:
		return Reply{Status: code, JSON: map[string]int{"status": code}}
	}
}

func session(request Request) Reply {
	var cookie any
	if request.Cookie != "" {
		cookie = request.Cookie
	}
	return Reply{Status: http.StatusOK, JSON: map[string]any{"cookie": cookie}}
}

func redirect(request Request) Reply {
	code, err := strconv.Atoi(request.Status)
	if err != nil || code < 300 || code > 399 {
		return Reply{Status: http.StatusBadRequest}
	}
	return Reply{Status: code}.with("Location", request.To)
}
