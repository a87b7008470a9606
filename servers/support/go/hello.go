package support

import (
	"runtime"
	"runtime/debug"
	"strings"
)

// Subject is the middleware under test, and what it stands in.
type Subject struct {
	Name string
	// Framework is its module; empty where there is nothing but net/http.
	Framework string
	// Middleware is its module.
	Middleware string
	// Homepage is where the middleware is documented.
	Homepage string
	// Lacks names the routes of the resource that it cannot serve.
	Lacks []string
}

type hello struct {
	Protocol   int      `json:"protocol"`
	Name       string   `json:"name"`
	Language   string   `json:"language"`
	Framework  string   `json:"framework"`
	Middleware string   `json:"middleware"`
	Runtime    string   `json:"runtime"`
	Homepage   string   `json:"homepage"`
	Issues     string   `json:"issues"`
	Lacks      []string `json:"lacks,omitempty"`
}

func (s Subject) hello() hello {
	runtime := "go " + strings.TrimPrefix(runtime.Version(), "go")
	framework := "net/http of " + runtime
	if s.Framework != "" {
		framework = built(s.Framework)
	}
	return hello{
		Protocol:   protocol,
		Name:       s.Name,
		Language:   "go",
		Framework:  framework,
		Middleware: built(s.Middleware),
		Runtime:    runtime,
		Homepage:   s.Homepage,
		Issues:     "https://" + repository(s.Middleware) + "/issues",
		Lacks:      s.Lacks,
	}
}

// repository of a module, which may lie in a folder of it.
func repository(module string) string {
	segments := strings.SplitN(module, "/", 4)
	return strings.Join(segments[:min(3, len(segments))], "/")
}

// built names a module with the version of it that is in the program.
func built(module string) string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return module
	}
	for _, dependency := range info.Deps {
		if dependency.Path == module {
			return module + " " + dependency.Version
		}
	}
	return module
}
