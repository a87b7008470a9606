using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [(name = "worker", worker = .worker)],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "worker")],
);

const worker :Workerd.Worker = (
  modules = [(name = "worker.mjs", esModule = embed ".build/worker.mjs")],
  bindings = [(name = "POLICY", fromEnvironment = "POLICY")],
  compatibilityDate = "2026-11-01",
);
