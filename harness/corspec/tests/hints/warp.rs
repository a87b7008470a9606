use std::convert::Infallible;
use std::time::Duration;
use warp::http::{Response, StatusCode};
use warp::{Filter, Rejection};

async fn handle_rejection(_: Rejection) -> Result<Response<String>, Infallible> {
    let mut response = Response::new(String::new());
    *response.status_mut() = StatusCode::NOT_FOUND;
    Ok(response)
}

#[tokio::main]
async fn main() {
    let routes = warp::path!("items")
        .and(warp::get().or(warp::put()).unify())
        .map(|| Response::builder().header("X-Request-Id", "1").body("{}".to_owned()).unwrap());
{hint}
    let port: u16 = std::env::var("PORT").unwrap().parse().unwrap();
    warp::serve(routes).run(([127, 0, 0, 1], port)).await;
}
