module corspec.test/servers/rs-cors

go 1.26

require (
	corspec.test/support v0.0.0
	github.com/rs/cors v1.11.1
)

replace corspec.test/support => ../support/go
