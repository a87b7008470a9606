// The CORS of goframe's ghttp under test.
package main

import (
	"context"
	"net"
	"net/url"
	"strings"
	"sync"

	"corspec.test/support"
	"corspec.test/support/resource"
	"github.com/gogf/gf/v2/frame/g"
	"github.com/gogf/gf/v2/net/ghttp"
	"github.com/gogf/gf/v2/os/glog"
	"github.com/gogf/gf/v2/util/guid"
)

func main() {
	support.Run(support.Subject{
		Name:       "goframe",
		Framework:  "github.com/gogf/gf/v2",
		Middleware: "github.com/gogf/gf/v2",
		Homepage:   "https://goframe.org/en/docs/web/senior-cors",
	}, serve)
}

func serve(policy *support.Policy) (*support.Instance, error) {
	limits := support.Limits{
		Patterns: "AllowDomain lists domains, which always cover their subdomains",
		Null:     "AllowDomain lists domains, and the opaque origin has none",
		Methods:  support.Literal,
		Headers:  support.Literal,
		Expose:   support.Literal,
	}
	if err := limits.Check(policy); err != nil {
		return nil, err
	}
	layer, err := layerOf(policy)
	if err != nil {
		return nil, err
	}
	setUp.Lock()
	defer setUp.Unlock()
	server := g.Server(guid.S())
	server.SetLogger(quiet())
	server.SetDumpRouterMap(false)
	server.SetErrorLogEnabled(false)
	server.Use(layer)
	server.Group("/", func(group *ghttp.RouterGroup) {
		for _, route := range resource.Routes() {
			in := group.Clone()
			if route.Protected {
				in.Middleware(requireToken)
			}
			in.Map(map[string]any{route.Method + ":" + route.ColonPath(): handler(route)})
		}
	})
	return start(server)
}

// setUp is there since the routes of every group wait in one list of the process until a server starts.
var setUp sync.Mutex

func start(server *ghttp.Server) (*support.Instance, error) {
	failure := make(chan error)
	instance, err := support.ServeOn(func(listener net.Listener) error {
		err := server.SetListener(listener)
		if err == nil {
			err = server.Start()
		}
		failure <- err
		return err
	})
	if err != nil {
		return nil, err
	}
	if err := <-failure; err != nil {
		instance.Stop()
		return nil, err
	}
	// A server whose listener ends under it ends the process.
	end := instance.Stop
	instance.Stop = func() {
		server.Shutdown()
		end()
	}
	return instance, nil
}

// layerOf is the policy, said as https://goframe.org/en/docs/web/senior-cors shows: the fields are the values of the headers,
// and AllowDomain restricts the origins to domains.
func layerOf(policy *support.Policy) (ghttp.HandlerFunc, error) {
	if policy == nil {
		return ghttp.MiddlewareCORS, nil
	}
	domains, err := domainsOf(policy)
	if err != nil {
		return nil, err
	}
	return func(r *ghttp.Request) {
		options := r.Response.DefaultCORSOptions()
		options.AllowDomain = domains
		options.AllowMethods = strings.Join(policy.Methods, ",")
		options.AllowHeaders = strings.Join(policy.Headers, ",")
		options.ExposeHeaders = strings.Join(policy.Expose, ",")
		if !policy.Credentials {
			options.AllowCredentials = ""
		}
		if policy.MaxAge != nil {
			options.MaxAge = policy.MaxAgeOrZero()
		}
		r.Response.CORS(options)
		r.Middleware.Next()
	}, nil
}

// domainsOf is the hosts of the origins. Without any list every origin is permitted.
func domainsOf(policy *support.Policy) ([]string, error) {
	if policy.AnyOrigin() {
		return nil, nil
	}
	domains := []string{}
	for _, origin := range policy.Origins {
		parsed, err := url.Parse(origin)
		if err != nil {
			return nil, err
		}
		domains = append(domains, parsed.Host)
	}
	return domains, nil
}

func handler(route resource.Route) ghttp.HandlerFunc {
	return func(r *ghttp.Request) {
		r.GetBody()
		answer(r, route.Handle(resource.FromHTTP(r.Request, r.GetRouter("code").String())))
	}
}

func requireToken(r *ghttp.Request) {
	if !resource.Authorized(r.Header.Get("Authorization")) {
		answer(r, resource.Unauthorized())
		return
	}
	r.Middleware.Next()
}

func answer(r *ghttp.Request, reply resource.Reply) {
	reply.SetHeader(r.Response.Header())
	r.Response.WriteHeader(reply.Status)
	if reply.JSON != nil {
		r.Response.WriteJson(reply.JSON)
	} else {
		r.Response.Write(reply.Text)
	}
}

func quiet() *glog.Logger {
	logger := glog.New()
	logger.SetHandlers(func(context.Context, *glog.HandlerInput) {})
	return logger
}
