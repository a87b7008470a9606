// The CORS middleware of fiber under test.
package main

import (
	"net"
	"slices"

	"corspec.test/support"
	"corspec.test/support/resource"
	"github.com/gofiber/fiber/v3"
	"github.com/gofiber/fiber/v3/middleware/cors"
	"github.com/gofiber/fiber/v3/middleware/recover"
)

func main() {
	support.Run(support.Subject{
		Name:       "fiber",
		Framework:  "github.com/gofiber/fiber/v3",
		Middleware: "github.com/gofiber/fiber/v3",
		Homepage:   "https://docs.gofiber.io/middleware/cors",
	}, serve)
}

func serve(policy *support.Policy) (*support.Instance, error) {
	if err := (support.Limits{Methods: support.Literal, Expose: support.Literal}).Check(policy); err != nil {
		return nil, err
	}
	layer, err := layerOf(policy)
	if err != nil {
		return nil, err
	}
	app := fiber.New(fiber.Config{RequestMethods: methodsOf(policy)})
	app.Use(recover.New(), layer)
	for _, route := range resource.Routes() {
		if route.Protected {
			app.Add([]string{route.Method}, route.ColonPath(), requireToken, handler(route))
		} else {
			app.Add([]string{route.Method}, route.ColonPath(), handler(route))
		}
	}
	return support.ServeOn(func(listener net.Listener) error {
		return app.Listener(listener, fiber.ListenConfig{DisableStartupMessage: true})
	})
}

// layerOf is the policy, said as https://docs.gofiber.io/middleware/cors shows: the lists are the values of the headers.
func layerOf(policy *support.Policy) (fiber.Handler, error) {
	if policy == nil {
		return cors.New(), nil
	}
	config := cors.Config{
		AllowOrigins:     policy.Origins,
		AllowMethods:     policy.Methods,
		AllowHeaders:     policy.Headers,
		AllowCredentials: policy.Credentials,
		ExposeHeaders:    policy.Expose,
		MaxAge:           policy.MaxAgeOrMinus(),
	}
	if policy.AnyHeader() {
		// "Lists allowed request headers (or echoes the request)": it does the latter where it has no list.
		config.AllowHeaders = nil
	}
	return support.Refusing(func() fiber.Handler { return cors.New(config) })
}

// methodsOf is what fiber has to be told of methods that it does not know by itself: whoever lists one also serves it.
func methodsOf(policy *support.Policy) []string {
	methods := slices.Clone(fiber.DefaultMethods)
	if policy == nil || policy.AnyMethod() {
		return methods
	}
	for _, method := range policy.Methods {
		if !slices.Contains(methods, method) {
			methods = append(methods, method)
		}
	}
	return methods
}

func handler(route resource.Route) fiber.Handler {
	return func(c fiber.Ctx) error {
		return answer(c, route.Handle(resource.Request{
			Code: c.Params("code"), To: c.Query("to"), Status: c.Query("status"), Cookie: c.Get("Cookie"),
		}))
	}
}

func requireToken(c fiber.Ctx) error {
	if !resource.Authorized(c.Get("Authorization")) {
		return answer(c, resource.Unauthorized())
	}
	return c.Next()
}

func answer(c fiber.Ctx, reply resource.Reply) error {
	for name, value := range reply.Header {
		c.Set(name, value)
	}
	c.Vary(reply.Vary)
	c.Status(reply.Status)
	if reply.JSON != nil {
		return c.JSON(reply.JSON)
	}
	return c.SendString(reply.Text)
}
