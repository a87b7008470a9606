package main

import (
	"net/http"
	"os"

	"github.com/rs/cors"
)

func main() {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /items", items)
	mux.HandleFunc("PUT /items", items)
{hint}
	_ = http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), handler)
}

func items(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("X-Request-Id", "1")
	_, _ = w.Write([]byte("{}"))
}
