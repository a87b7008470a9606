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
