//! The servers that corspec brings along, each in process.

use corspec::deviation::{Deviations, DeviationsError};
use corspec::subject::Subject;

/// The embedded servers, in the order in which they are told.
pub(super) fn servers() -> Result<Vec<Subject>, DeviationsError> {
    Ok(vec![
        Subject::server("reference", corspec_server_reference::Reference),
        Subject::server("tower-http", corspec_server_tower_http::TowerHttp).with_deviations(deviations(
            "tower-http",
            include_str!("../../../../servers/tower-http/deviations.yaml"),
        )?),
        Subject::server("actix-cors", corspec_server_actix_cors::ActixCors).with_deviations(deviations(
            "actix-cors",
            include_str!("../../../../servers/actix-cors/deviations.yaml"),
        )?),
    ])
}

fn deviations(name: &str, text: &str) -> Result<Deviations, DeviationsError> {
    Deviations::parse(&format!("servers/{name}/deviations.yaml"), text)
}

/// tower-http rejects some policies by a panic, which its server catches and answers `refused`: what a terminal would show
/// of it is no news.
pub(super) fn hush() {
    let report = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if !panic.location().is_some_and(|location| location.file().contains("tower-http")) {
            report(panic);
        }
    }));
}
