use std::panic::resume_unwind;

use corspec_server_support::resource::{self, Hits};
use rocket::http::{ContentType, Header, Status};
use rocket::outcome::Outcome;
use rocket::request::FromRequest;
use rocket::response::{Responder, Response};
use rocket::{
    Build, Request, Rocket, State, delete, get, options, patch, post, put, request, response, routes,
};

/// The application around the resource. Rocket itself answers HEAD where there is a GET.
pub(crate) fn mount(rocket: Rocket<Build>) -> Rocket<Build> {
    let counted = routes![get_counted, post_counted, put_counted, patch_counted, delete_counted];
    let redirects = routes![get_redirect, post_redirect, put_redirect];
    let others = routes![get_status, post_status, get_fail, post_fail, protected, not_protected, session];
    rocket
        .manage(Hits::default())
        .mount("/", counted)
        .mount("/", redirects)
        .mount("/", others)
        .mount("/", routes![cacheable, own_options, own_cors, read_hits])
}

/// A response of these parts.
#[derive(Default)]
struct Answer {
    status: Status,
    headers: Vec<Header<'static>>,
    body: Option<String>,
}

impl Answer {
    fn resource() -> Self {
        Self::json(resource::BODY).with(resource::HEADERS.map(|(name, value)| Header::new(name, value)))
    }

    fn json(body: impl Into<String>) -> Self {
        Self { body: Some(body.into()), ..Self::default() }.with([ContentType::JSON.into()])
    }

    fn with(mut self, headers: impl IntoIterator<Item = Header<'static>>) -> Self {
        self.headers.extend(headers);
        self
    }
}

impl<'r> Responder<'r, 'static> for Answer {
    fn respond_to(self, _request: &'r Request<'_>) -> response::Result<'static> {
        let mut response = Response::new();
        response.set_status(self.status);
        for header in self.headers {
            response.set_header(header);
        }
        if let Some(body) = self.body {
            response.set_sized_body(body.len(), std::io::Cursor::new(body));
        }
        Ok(response)
    }
}

macro_rules! counted {
    ($($method:ident $name:ident),*) => {$(
        #[$method("/resource")]
        fn $name(hits: &State<Hits>) -> Answer {
            hits.count();
            Answer::resource()
        }
    )*};
}

counted!(get get_counted, post post_counted, put put_counted, patch patch_counted, delete delete_counted);

#[get("/cacheable")]
fn cacheable() -> Answer {
    Answer::resource().with([Header::new("Cache-Control", resource::CACHE_CONTROL)])
}

#[get("/status/<code>")]
fn get_status(code: u16) -> Answer {
    let (code, body) = resource::status(code);
    Answer { status: Status::new(code), ..body.map_or_else(Answer::default, Answer::json) }
}

#[post("/status/<code>")]
fn post_status(code: u16) -> Answer {
    get_status(code)
}

/// Unwinds as `panic!` does, but past the panic hook.
#[get("/error")]
fn get_fail() -> Answer {
    resume_unwind(Box::new(resource::FAILURE))
}

#[post("/error")]
fn post_fail() -> Answer {
    get_fail()
}

struct Token;

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Token {
    type Error = ();

    /// Goes on to the next route where there is no token.
    async fn from_request(request: &'r Request<'_>) -> request::Outcome<Self, ()> {
        let token = request.headers().get_one("Authorization").map(str::as_bytes);
        if resource::is_authorized(token) {
            Outcome::Success(Self)
        } else {
            Outcome::Forward(Status::Unauthorized)
        }
    }
}

#[get("/protected")]
fn protected(_token: Token) -> Answer {
    Answer::resource()
}

#[get("/protected", rank = 2)]
fn not_protected() -> Answer {
    let challenge = Header::new("WWW-Authenticate", resource::CHALLENGE);
    Answer { status: Status::Unauthorized, ..Answer::default() }.with([challenge])
}

struct Cookies(String);

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Cookies {
    type Error = ();

    async fn from_request(request: &'r Request<'_>) -> request::Outcome<Self, ()> {
        let cookies = request.headers().get("Cookie").map(str::as_bytes);
        Outcome::Success(Self(resource::session(cookies)))
    }
}

#[get("/session")]
fn session(cookies: Cookies) -> Answer {
    Answer::json(cookies.0)
}

#[get("/redirect?<to>&<status>")]
fn get_redirect(to: String, status: u16) -> Answer {
    Answer { status: Status::new(status), ..Answer::default() }.with([Header::new("Location", to)])
}

#[post("/redirect?<to>&<status>")]
fn post_redirect(to: String, status: u16) -> Answer {
    get_redirect(to, status)
}

#[put("/redirect?<to>&<status>")]
fn put_redirect(to: String, status: u16) -> Answer {
    get_redirect(to, status)
}

#[options("/own-options")]
fn own_options() -> Answer {
    Answer { body: Some(resource::OWN_BODY.into()), ..Answer::default() }
        .with([Header::new("Allow", resource::OWN_ALLOW)])
}

#[get("/own-cors")]
fn own_cors() -> Answer {
    Answer::resource().with([Header::new("Access-Control-Allow-Origin", resource::LEGACY_ORIGIN)])
}

#[get("/hits")]
fn read_hits(hits: &State<Hits>) -> Answer {
    Answer::json(hits.body())
}
