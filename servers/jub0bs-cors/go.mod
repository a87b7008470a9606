module corspec.test/servers/jub0bs-cors

go 1.26

require (
	corspec.test/support v0.0.0
	github.com/jub0bs/cors v1.0.1
)

require (
	golang.org/x/net v0.53.0 // indirect
	golang.org/x/text v0.36.0 // indirect
)

replace corspec.test/support => ../support/go
