// hertz-contrib/cors under test, on hertz.
package main

import (
	"context"
	"io"
	"net"
	"time"

	"corspec.test/support"
	"corspec.test/support/resource"
	"github.com/cloudwego/hertz/pkg/app"
	"github.com/cloudwego/hertz/pkg/app/server"
	"github.com/cloudwego/hertz/pkg/common/hlog"
	"github.com/cloudwego/hertz/pkg/network/standard"
	"github.com/hertz-contrib/cors"
)

func main() {
	hlog.SetOutput(io.Discard)
	support.Run(support.Subject{
		Name:       "hertz-cors",
		Framework:  "github.com/cloudwego/hertz",
		Middleware: "github.com/hertz-contrib/cors",
		Homepage:   "https://github.com/hertz-contrib/cors",
	}, serve)
}

func serve(policy *support.Policy) (*support.Instance, error) {
	limits := support.Limits{
		Methods: support.NamesOnly("AllowMethods"),
		Headers: support.NamesOnly("AllowHeaders"),
		Expose:  support.NamesOnly("ExposeHeaders"),
	}
	if err := limits.Check(policy); err != nil {
		return nil, err
	}
	layer, err := layerOf(policy)
	if err != nil {
		return nil, err
	}
	return support.ServeOn(func(listener net.Listener) error {
		h := server.Default(server.WithListener(listener), server.WithTransport(standard.NewTransporter))
		h.Use(layer)
		for _, route := range resource.Routes() {
			if route.Protected {
				h.Handle(route.Method, route.ColonPath(), requireToken, handler(route))
			} else {
				h.Handle(route.Method, route.ColonPath(), handler(route))
			}
		}
		return h.Run()
	})
}

// layerOf is the policy, said as https://github.com/hertz-contrib/cors shows.
func layerOf(policy *support.Policy) (app.HandlerFunc, error) {
	if policy == nil {
		return cors.Default(), nil
	}
	config := cors.Config{
		AllowMethods:     policy.Methods,
		AllowHeaders:     policy.Headers,
		AllowCredentials: policy.Credentials,
		ExposeHeaders:    policy.Expose,
		MaxAge:           time.Duration(policy.MaxAgeOrZero()) * time.Second,
	}
	if policy.AnyOrigin() {
		config.AllowAllOrigins = true
	} else {
		config.AllowOrigins = policy.Origins
		config.AllowWildcard = policy.HasPattern()
	}
	return support.Refusing(func() app.HandlerFunc { return cors.New(config) })
}

func handler(route resource.Route) app.HandlerFunc {
	return func(_ context.Context, c *app.RequestContext) {
		answer(c, route.Handle(resource.Request{
			Code:   c.Param("code"),
			To:     c.Query("to"),
			Status: c.Query("status"),
			Cookie: string(c.GetHeader("Cookie")),
		}))
	}
}

func requireToken(_ context.Context, c *app.RequestContext) {
	if !resource.Authorized(string(c.GetHeader("Authorization"))) {
		answer(c, resource.Unauthorized())
		c.Abort()
	}
}

func answer(c *app.RequestContext, reply resource.Reply) {
	for name, value := range reply.Header {
		c.Header(name, value)
	}
	if reply.Vary != "" {
		c.Response.Header.Add("Vary", reply.Vary)
	}
	if reply.JSON != nil {
		c.JSON(reply.Status, reply.JSON)
	} else {
		c.String(reply.Status, "%s", reply.Text)
	}
}
