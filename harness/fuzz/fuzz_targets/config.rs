//! `corspec.yaml`, deviations and what a server says over the protocol.
#![no_main]

use corspec::case::parse_config;
use corspec::deviation::Deviations;
use corspec_protocol::{FromServer, Policy, ToServer};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Err(problems) = parse_config("corspec.yaml", data) {
        assert!(!problems.to_string().contains('\u{1b}'), "no escape reaches a terminal");
    }
    if let Ok(text) = std::str::from_utf8(data) {
        let _ = Deviations::parse("deviations.yaml", text).map_err(|error| error.to_string());
    }
    let _ = serde_json::from_slice::<FromServer>(data);
    let _ = serde_json::from_slice::<ToServer>(data);
    if let Ok(policy) = serde_json::from_slice::<Policy>(data) {
        let _ = policy
            .permitted_origins()
            .map(|origins| origins.iter().filter(|origin| origin.permits(b"https://app.example")).count());
        let _ = policy.permitted_methods();
        let _ = policy.permitted_headers();
        let _ = policy.exposed_headers();
    }
});
