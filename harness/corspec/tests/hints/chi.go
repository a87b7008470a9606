package main

import (
	"net/http"
	"os"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/cors"
)

func main() {
	router := chi.NewRouter()
{hint}
	router.Get("/items", items)
	router.Put("/items", items)
	_ = http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), router)
}

func items(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("X-Request-Id", "1")
	_, _ = w.Write([]byte("{}"))
}
