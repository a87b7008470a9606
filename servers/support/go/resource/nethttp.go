package resource

import (
	"encoding/json"
	"io"
	"net/http"
)

// Handler serves a route with net/http; param reads the segment of the path that varies, with the router's own means.
func (r Route) Handler(param func(*http.Request, string) string) http.Handler {
	handler := http.Handler(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		// A body that nobody reads may cost the connection.
		io.Copy(io.Discard, request.Body)
		r.Handle(FromHTTP(request, param(request, "code"))).WriteTo(w)
	}))
	if r.Protected {
		return requireToken(handler)
	}
	return handler
}

// FromHTTP takes from a request of net/http what the handlers read.
func FromHTTP(request *http.Request, code string) Request {
	query := request.URL.Query()
	return Request{Code: code, To: query.Get("to"), Status: query.Get("status"), Cookie: request.Header.Get("Cookie")}
}

// requireToken is the usual middleware of net/http.
func requireToken(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !Authorized(r.Header.Get("Authorization")) {
			Unauthorized().WriteTo(w)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// WriteTo answers as a handler of net/http does.
func (r Reply) WriteTo(w http.ResponseWriter) {
	r.SetHeader(w.Header())
	if r.JSON != nil {
		w.Header().Set("Content-Type", "application/json")
	}
	w.WriteHeader(r.Status)
	if r.JSON != nil {
		json.NewEncoder(w).Encode(r.JSON)
	} else {
		io.WriteString(w, r.Text)
	}
}

// SetHeader writes the header alone.
func (r Reply) SetHeader(header http.Header) {
	for name, value := range r.Header {
		header.Set(name, value)
	}
	if r.Vary != "" {
		header.Add("Vary", r.Vary)
	}
}

// Recover turns a panic into a 500, for users of net/http alone, which has nothing of the kind.
func Recover(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if recover() != nil {
				http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
			}
		}()
		next.ServeHTTP(w, r)
	})
}

// Mux is the resource on the router of net/http.
func Mux() http.Handler {
	mux := http.NewServeMux()
	for _, route := range Routes() {
		mux.Handle(route.Method+" "+route.Path, route.Handler((*http.Request).PathValue))
	}
	return mux
}
