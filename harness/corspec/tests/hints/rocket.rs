use rocket::{get, put, routes};
use rocket_cors::{AllowedHeaders, AllowedOrigins, CorsOptions};
use std::str::FromStr;

#[derive(rocket::Responder)]
struct Items(&'static str, rocket::http::Header<'static>);

fn answer() -> Items {
    Items("{}", rocket::http::Header::new("X-Request-Id", "1"))
}

#[get("/items")]
fn read() -> Items {
    answer()
}

#[put("/items")]
fn write() -> Items {
    answer()
}

fn application() -> Result<rocket::Rocket<rocket::Build>, Box<dyn std::error::Error>> {
    let rocket = {
{hint}
    };
    Ok(rocket.mount("/", routes![read, write]))
}

#[rocket::main]
async fn main() {
    unsafe { std::env::set_var("ROCKET_PORT", std::env::var("PORT").unwrap()) };
    application().unwrap().launch().await.unwrap();
}
