module corspec.test/servers/chi-cors

go 1.26

require (
	corspec.test/support v0.0.0
	github.com/go-chi/chi/v5 v5.5.0
	github.com/go-chi/cors v1.2.2
)

replace corspec.test/support => ../support/go
