//! What people paste into `corspec explain`: curl commands, snippets of script, HAR files, responses.
#![no_main]

use corspec::explain::har::Choice;
use corspec::explain::terminal::{Styles, render};
use corspec::explain::{Call, Explanation, Mistake, curl, har, message, snippet};
use corspec_browser::Profile;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    told(har::parse(data, &Choice::default()));
    if let Ok(text) = std::str::from_utf8(data) {
        told(curl::parse(text));
        told(snippet::parse(text));
        let _ = message::response(text, 200).map_err(shown);
        let _ = message::header(text).map_err(shown);
    }
});

fn told(call: Result<Call, Mistake>) {
    match call.and_then(Call::into_question) {
        Ok(question) => {
            for profile in Profile::ALL {
                let explanation = Explanation::of(&question, profile);
                require_harmless(&render(&explanation, &Styles::default()));
            }
        }
        Err(mistake) => shown(mistake),
    }
}

fn shown(mistake: Mistake) {
    require_harmless(&mistake.to_string());
}

fn require_harmless(text: &str) {
    assert!(!text.contains('\u{1b}'), "no escape reaches a terminal");
}
