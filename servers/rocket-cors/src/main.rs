//! rocket_cors, as a program that speaks the server protocol.

mod cors;
mod resource;
mod silence;

use std::io;
use std::net::Ipv4Addr;

use corspec_protocol::{Answer, Instance, Policy};
use corspec_server_support::{Identity, Subject};
use rocket::Config;
use rocket::config::Shutdown;
use rocket::fairing::AdHoc;
use rocket_cors::{Cors, CorsOptions};
use tokio::sync::oneshot;

struct RocketCors;

impl Subject for RocketCors {
    const IDENTITY: Identity = Identity {
        name: "rocket-cors",
        framework: "rocket",
        middleware: "rocket_cors",
        runtime: "tokio",
        homepage: "https://docs.rs/rocket_cors",
        issues: "https://github.com/lawliet89/rocket_cors/issues",
        lock: include_str!("../Cargo.lock"),
    };

    type Cors = Cors;

    fn cors(policy: Option<Policy>) -> Result<Cors, Answer> {
        let options = policy.map_or_else(|| Ok(CorsOptions::default()), |policy| cors::options(&policy))?;
        options.to_cors().map_err(|error| Answer::refused(error.to_string()))
    }

    async fn start(cors: Cors) -> io::Result<Instance> {
        let (launched, port) = oneshot::channel();
        let announce = AdHoc::on_liftoff("the port", |rocket| {
            Box::pin(async { drop(launched.send((rocket.config().port, rocket.shutdown()))) })
        });
        let rocket = rocket::custom(config()).attach(cors).attach(announce);
        let mut running = tokio::spawn(resource::mount(rocket).launch());
        tokio::select! {
            Ok((port, shutdown)) = port => {
                let running = async { drop(running.await) };
                Ok(Instance::new(format!("http://127.0.0.1:{port}"), Stop(shutdown)).until(running))
            }
            ended = &mut running => Err(match ended {
                Ok(Err(error)) => io::Error::other(error.to_string()),
                _ => io::Error::other("the server ended as soon as it had started"),
            }),
        }
    }
}

fn config() -> Config {
    Config {
        address: Ipv4Addr::LOCALHOST.into(),
        port: 0,
        shutdown: Shutdown {
            ctrlc: false,
            signals: Default::default(),
            grace: 0,
            mercy: 0,
            force: false,
            ..Shutdown::default()
        },
        ..Config::release_default()
    }
}

struct Stop(rocket::Shutdown);

impl Drop for Stop {
    fn drop(&mut self) {
        self.0.clone().notify();
    }
}

#[tokio::main]
async fn main() {
    silence::keep();
    corspec_server_support::run::<RocketCors>().await;
}
