//! Servers that are right, or wrong in one way, and remember what they were asked.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, LOCATION, ORIGIN,
};
use axum::http::{HeaderValue, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tower_http::cors::CorsLayer;

/// What a server does about CORS.
#[derive(Clone)]
pub enum Layer {
    /// Nothing.
    None,
    /// A layer of tower-http.
    Cors(Box<CorsLayer>),
    /// Every origin is permitted by name, with everything.
    Reflect,
    /// As `Reflect`, and what authorizes a request comes back in a header and in the body.
    Echo,
    /// Every origin is permitted by `*`.
    Wildcard,
    /// Every origin that ends like a permitted one.
    Suffix,
    /// Nothing but that status.
    Status(u16),
}

type Seen = Arc<Mutex<Vec<(String, String, String)>>>;

impl Layer {
    /// The server.
    pub fn router(self) -> Router {
        self.remembering(Seen::default())
    }

    fn remembering(self, seen: Seen) -> Router {
        let router = Router::new().fallback(answer);
        match self {
            Self::Cors(cors) => {
                let noted = axum::middleware::from_fn_with_state(seen.clone(), note);
                router.with_state((Self::None, Seen::default())).layer(*cors).layer(noted)
            }
            layer => router.with_state((layer, seen)),
        }
    }
}

fn noted(seen: &Seen, request: &Request) {
    let target = request.uri().path_and_query().map(ToString::to_string).unwrap_or_default();
    let headers = format!("{:?}", request.headers());
    seen.lock().unwrap().push((request.method().to_string(), target, headers));
}

async fn note(State(seen): State<Seen>, request: Request, next: axum::middleware::Next) -> Response<Body> {
    noted(&seen, &request);
    next.run(request).await
}

async fn answer(State((layer, seen)): State<(Layer, Seen)>, request: Request) -> Response<Body> {
    noted(&seen, &request);
    let origin = request.headers().get(ORIGIN).cloned();
    let mut response = Response::new(Body::from("{}"));
    let headers = response.headers_mut();
    headers.insert("x-request-id", HeaderValue::from_static("1"));
    headers.insert("x-secret", HeaderValue::from_static("1"));
    match (layer, origin) {
        (Layer::Reflect | Layer::Echo, Some(origin)) => {
            headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
            headers.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
            headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, PUT, DELETE"));
            if let Some(asked) = request.headers().get("access-control-request-headers") {
                headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, asked.clone());
            }
        }
        (Layer::Wildcard, _) => {
            headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        }
        (Layer::Suffix, Some(origin)) if origin.as_bytes().ends_with(b"app.example") => {
            headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
            headers.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
        }
        (Layer::Status(status), _) => {
            headers.insert(LOCATION, HeaderValue::from_static("https://id.example/login?next=/items"));
            *response.status_mut() = status.try_into().unwrap();
        }
        _ => {}
    }
    if let Some(sent) = request.headers().get("authorization") {
        response.headers_mut().insert("x-echo", sent.clone());
        *response.body_mut() = Body::from(sent.as_bytes().to_vec());
    }
    response
}

/// A server that listens.
pub struct Api {
    pub url: String,
    pub certificate: String,
    seen: Seen,
}

impl Api {
    /// Over HTTP/1.1 in the clear.
    pub async fn plain(layer: Layer) -> Self {
        let seen = Seen::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = layer.remembering(seen.clone());
        tokio::spawn(async { axum::serve(listener, router).await });
        Self { url, certificate: String::new(), seen }
    }

    /// Over TLS, with HTTP/2 for whoever speaks it.
    pub async fn tls(layer: Layer) -> Self {
        let seen = Seen::default();
        let made =
            rcgen::generate_simple_self_signed(["localhost".to_owned(), "127.0.0.1".to_owned()]).unwrap();
        let key = rustls::pki_types::PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut tls = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)
            .unwrap();
        tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let acceptor = TlsAcceptor::from(Arc::new(tls));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
        let router = layer.remembering(seen.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, router) = (acceptor.clone(), router.clone());
                tokio::spawn(async move {
                    let Ok(stream) = acceptor.accept(stream).await else { return };
                    let service = TowerToHyperService::new(router);
                    let _ = auto::Builder::new(TokioExecutor::new())
                        .serve_connection(TokioIo::new(stream), service)
                        .await;
                });
            }
        });
        Self { url, certificate: made.cert.pem(), seen }
    }

    pub fn authority(&self) -> String {
        self.url.split_once("://").unwrap().1.to_owned()
    }

    pub fn methods(&self) -> Vec<String> {
        self.seen.lock().unwrap().iter().map(|(method, ..)| method.clone()).collect()
    }

    pub fn paths(&self) -> Vec<String> {
        self.seen.lock().unwrap().iter().map(|(_, path, _)| path.clone()).collect()
    }

    pub fn saw(&self, header: &str) -> bool {
        self.seen.lock().unwrap().iter().any(|(.., headers)| headers.contains(header))
    }
}

/// Servers that mean harm.
pub mod raw {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    pub const ENDLESS_BODY: &str = "endless body";
    pub const ENDLESS_HEAD: &str = "endless head";
    pub const SILENT: &str = "silent";
    pub const RESET: &str = "reset";
    pub const REDIRECTS: &str = "redirects";
    pub const ESCAPES: &str = "escapes";

    /// Where one of them listens.
    pub async fn serve(kind: &'static str) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let mut asked = [0; 4096];
                    let _ = stream.read(&mut asked).await;
                    match kind {
                        ENDLESS_BODY => {
                            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await;
                            while stream.write_all(&[b'x'; 65536]).await.is_ok() {}
                        }
                        ENDLESS_HEAD => {
                            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n").await;
                            while stream.write_all(b"X-More: and more and more\r\n").await.is_ok() {}
                        }
                        SILENT => std::future::pending().await,
                        RESET => {}
                        REDIRECTS => {
                            let _ = stream
                                .write_all(b"HTTP/1.1 302 Found\r\nAccess-Control-Allow-Origin: *\r\nLocation: /again\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                                .await;
                        }
                        _ => {
                            let _ = stream
                                .write_all(b"HTTP/1.1 200 \x1b[2J\r\nAccess-Control-Allow-Origin: https://evil.test<script>\r\nServer: <script>alert(1)</script>``` ::error::x\r\nVary: \xe2\x80\xae\r\nContent-Length: 8\r\nConnection: close\r\n\r\n<script>")
                                .await;
                        }
                    }
                });
            }
        });
        url
    }
}
