// gin-contrib/cors under test, on gin.
package main

import (
	"io"
	"time"

	"corspec.test/support"
	"corspec.test/support/resource"
	"github.com/gin-contrib/cors"
	"github.com/gin-gonic/gin"
)

func main() {
	gin.SetMode(gin.ReleaseMode)
	support.Run(support.Subject{
		Name:       "gin-cors",
		Framework:  "github.com/gin-gonic/gin",
		Middleware: "github.com/gin-contrib/cors",
		Homepage:   "https://github.com/gin-contrib/cors",
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
	engine := gin.New()
	engine.Use(gin.RecoveryWithWriter(io.Discard), layer)
	for _, route := range resource.Routes() {
		handlers := []gin.HandlerFunc{handler(route)}
		if route.Protected {
			handlers = []gin.HandlerFunc{requireToken, handler(route)}
		}
		engine.Handle(route.Method, route.ColonPath(), handlers...)
	}
	return support.ServeHTTP(engine)
}

// layerOf is the policy, said as https://github.com/gin-contrib/cors#configuration-reference shows.
func layerOf(policy *support.Policy) (gin.HandlerFunc, error) {
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
	return support.Refusing(func() gin.HandlerFunc { return cors.New(config) })
}

func handler(route resource.Route) gin.HandlerFunc {
	return func(c *gin.Context) {
		io.Copy(io.Discard, c.Request.Body)
		answer(c, route.Handle(resource.FromHTTP(c.Request, c.Param("code"))))
	}
}

func requireToken(c *gin.Context) {
	if !resource.Authorized(c.GetHeader("Authorization")) {
		answer(c, resource.Unauthorized())
		c.Abort()
	}
}

func answer(c *gin.Context, reply resource.Reply) {
	reply.SetHeader(c.Writer.Header())
	if reply.JSON != nil {
		c.JSON(reply.Status, reply.JSON)
	} else {
		c.String(reply.Status, "%s", reply.Text)
	}
}
