use crate::fault::Fault;
use crate::mutant::Mutant;
use crate::names::ALLOW_METHODS;
use crate::policy::lists_method;
use crate::reply::{Edit, Reply};
use crate::turn::Turn;

/// Which methods a preflight is granted.
pub(super) const MUTANTS: &[Mutant] = &[
    Mutant::over_exposes(
        "method-in-any-case",
        "The method that is asked for is compared without regard to case, and echoed.",
        "X01: go-chi, gorilla, gin, php-cors, flask-cors",
        Fault::OnPreflight(|turn, reply| {
            echo(turn, reply, |listed, asked| listed.eq_ignore_ascii_case(asked))
        }),
    ),
    Mutant::over_exposes(
        "method-substring",
        "A method that is found inside a listed one is granted.",
        "X02: flask-cors",
        Fault::OnPreflight(|turn, reply| echo(turn, reply, |listed, asked| listed.contains(asked))),
    ),
    Mutant::over_exposes(
        "method-within-the-joined-list",
        "A method that is found in the list, written without separators, is granted.",
        "X02: flask-cors, a serialised list",
        Fault::OnPreflight(|turn, reply| {
            if turn.policy.methods.concat().contains(turn.asked_method()) {
                also(turn, reply, turn.asked_method());
            }
        }),
    ),
    Mutant::over_exposes(
        "method-prefix",
        "A method that begins like a listed one is granted.",
        "comparisons that stop too early",
        Fault::OnPreflight(|turn, reply| echo(turn, reply, |listed, asked| asked.starts_with(listed))),
    ),
    Mutant::over_exposes(
        "method-begins-listed",
        "A method that is the beginning of a listed one is granted.",
        "comparisons with their arguments swapped",
        Fault::OnPreflight(|turn, reply| echo(turn, reply, |listed, asked| listed.starts_with(asked))),
    ),
    Mutant::over_exposes(
        "method-suffix",
        "A method that ends like a listed one is granted.",
        "X02: comparisons of ends",
        Fault::OnPreflight(|turn, reply| echo(turn, reply, |listed, asked| asked.ends_with(listed))),
    ),
    Mutant::over_exposes(
        "method-taken-for-a-pattern",
        "The method that is asked for is used as a regular expression, and granted if it fits a listed one.",
        "X02 with patterns",
        Fault::OnPreflight(|turn, reply| {
            echo(turn, reply, |listed, asked| {
                asked == ".*" || asked.split('|').any(|alternative| alternative == listed)
            });
        }),
    ),
    Mutant::over_exposes(
        "method-star-granted",
        "A method that is called `*` is granted as if it stood for any.",
        "`*` looked up in both directions",
        Fault::OnPreflight(|turn, reply| {
            if turn.asked_method() == "*" {
                also(turn, reply, "*");
            }
        }),
    ),
    Mutant::over_exposes(
        "method-echoed",
        "Whatever method is asked for is granted.",
        "X06, X10: go-safeweb, Javalin",
        Fault::OnPreflight(|turn, reply| also(turn, reply, turn.asked_method())),
    ),
    Mutant::over_exposes(
        "method-star-always",
        "Every preflight is granted `*`.",
        "X10: methods that cannot be configured",
        Fault::OnPreflight(|_, reply| reply.reword(ALLOW_METHODS, |_| "*".into())),
    ),
    Mutant::over_exposes(
        "methods-all-usual",
        "Every preflight is granted all usual methods, whatever the list.",
        "X10: methods that cannot be configured",
        Fault::OnPreflight(|turn, reply| {
            for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] {
                also(turn, reply, method);
            }
        }),
    ),
    Mutant::over_exposes(
        "method-delete-always",
        "DELETE is granted whatever the list.",
        "defaults that are added to the list",
        Fault::OnPreflight(|turn, reply| also(turn, reply, "DELETE")),
    ),
    Mutant::over_exposes(
        "method-options-always",
        "OPTIONS is granted whatever the list.",
        "lists to which OPTIONS is added for the preflight's own sake",
        Fault::OnPreflight(|turn, reply| also(turn, reply, "OPTIONS")),
    ),
    Mutant::over_exposes(
        "method-patch-with-put",
        "Where PUT is listed, PATCH is granted along with it.",
        "methods kept as rights to write",
        Fault::OnPreflight(|turn, reply| {
            if lists_method(turn.policy, "PUT") {
                also(turn, reply, "PATCH");
            }
        }),
    ),
    Mutant::over_exposes(
        "method-unknown-granted",
        "A method that the layer does not know is granted, for nothing is known against it.",
        "X11: new methods",
        Fault::OnPreflight(|turn, reply| {
            if !USUAL.contains(&turn.asked_method()) {
                also(turn, reply, turn.asked_method());
            }
        }),
    ),
    Mutant::over_exposes(
        "method-granted-with-a-listed-header",
        "A preflight whose headers are listed is granted any method: one match is enough.",
        "H11 across both questions: poem, Spring",
        Fault::OnPreflight(|turn, reply| {
            let headers = turn.asked_headers();
            if !headers.is_empty()
                && headers.iter().all(|name| crate::policy::lists_header(turn.policy, name))
            {
                also(turn, reply, turn.asked_method());
            }
        }),
    ),
    Mutant::over_exposes(
        "empty-methods-are-defaults",
        "An empty list of methods is replaced by the usual ones.",
        "D14 for methods: defaults of most middlewares",
        Fault::Policy(|policy| {
            if policy.methods.is_empty() {
                policy.methods =
                    ["GET", "HEAD", "PUT", "PATCH", "POST", "DELETE"].map(str::to_owned).to_vec();
            }
        }),
    ),
    Mutant::over_exposes(
        "empty-methods-are-an-echo",
        "With an empty list of methods, whatever is asked for is granted.",
        "D14, X06: reflection by default",
        Fault::OnPreflight(|turn, reply| {
            if turn.policy.methods.is_empty() {
                also(turn, reply, turn.asked_method());
            }
        }),
    ),
    Mutant::over_blocks(
        "methods-missing",
        "No methods are granted at all.",
        "a forgotten header",
        Fault::OnPreflight(|_, reply| reply.cut(ALLOW_METHODS)),
    ),
    Mutant::over_blocks(
        "methods-get-alone",
        "Whatever the list, GET alone is granted.",
        "X03: Starlette's default",
        Fault::OnPreflight(|_, reply| reply.reword(ALLOW_METHODS, |_| "GET".into())),
    ),
    Mutant::over_blocks(
        "methods-safelisted-alone",
        "Only the methods that need no grant are granted.",
        "defaults of fastify",
        Fault::OnPreflight(|_, reply| reply.reword(ALLOW_METHODS, |_| "GET, HEAD, POST".into())),
    ),
    Mutant::over_blocks(
        "methods-first-alone",
        "Only the first listed method is granted.",
        "O53 for methods",
        Fault::Policy(|policy| policy.methods.truncate(1)),
    ),
    Mutant::over_blocks(
        "methods-last-lost",
        "The last listed method is lost.",
        "off by one",
        Fault::Policy(|policy| drop(policy.methods.pop())),
    ),
    Mutant::over_blocks(
        "methods-put-lost",
        "PUT is never granted.",
        "fixed lists",
        Fault::Policy(|policy| policy.methods.retain(|method| method != "PUT")),
    ),
    Mutant::over_blocks(
        "methods-patch-lost",
        "PATCH is never granted, for it is younger than the others.",
        "X01, X11: fixed lists",
        Fault::Policy(|policy| policy.methods.retain(|method| method != "PATCH")),
    ),
    Mutant::over_blocks(
        "methods-delete-lost",
        "DELETE is never granted.",
        "fixed lists",
        Fault::Policy(|policy| policy.methods.retain(|method| method != "DELETE")),
    ),
    Mutant::over_blocks(
        "methods-options-lost",
        "OPTIONS is never granted, even where it is listed.",
        "OPTIONS taken for the preflight's own method",
        Fault::Policy(|policy| policy.methods.retain(|method| method != "OPTIONS")),
    ),
    Mutant::over_blocks(
        "any-method-taken-literally",
        "`*` is granted to requests with credentials too, which take it for a method of that name.",
        "X07: gin, sanic-ext, php-cors",
        Fault::OnPreflight(|turn, reply| {
            if turn.policy.any_method() {
                reply.reword(ALLOW_METHODS, |_| "*".into());
            }
        }),
    ),
    Mutant::over_blocks(
        "any-method-grants-none",
        "`*` in the list is dropped, for it is no method.",
        "X07: lists without a wildcard",
        Fault::Policy(|policy| policy.methods.retain(|method| method != "*")),
    ),
    Mutant::over_blocks(
        "any-method-without-patch",
        "Where any method is permitted, the layer writes out those that it knows, without PATCH.",
        "X11: fixed lists",
        Fault::OnPreflight(|turn, reply| {
            if turn.policy.any_method() {
                reply.reword(ALLOW_METHODS, |_| "GET, HEAD, POST, PUT, DELETE, OPTIONS".into());
            }
        }),
    ),
    Mutant::over_blocks(
        "methods-in-lower-case",
        "Methods are granted in lower case.",
        "X01, X08: methods without case",
        Fault::OnPreflight(|_, reply| reply.reword(ALLOW_METHODS, str::to_ascii_lowercase)),
    ),
    Mutant::over_blocks(
        "methods-in-title-case",
        "Methods are granted as `Get` and `Put`.",
        "names of constants in enumerations",
        Fault::OnPreflight(|_, reply| {
            reply.reword(ALLOW_METHODS, |methods| {
                let title = |method: &str| format!("{}{}", &method[..1], method[1..].to_ascii_lowercase());
                methods
                    .split(", ")
                    .filter(|method| !method.is_empty())
                    .map(title)
                    .collect::<Vec<_>>()
                    .join(", ")
            });
        }),
    ),
    Mutant::over_blocks(
        "methods-with-spaces",
        "Methods are joined by spaces.",
        "lists written by hand",
        Fault::OnPreflight(|_, reply| reply.reword(ALLOW_METHODS, |methods| methods.replace(", ", " "))),
    ),
    Mutant::over_blocks(
        "methods-with-semicolons",
        "Methods are joined by semicolons.",
        "lists written by hand",
        Fault::OnPreflight(|_, reply| reply.reword(ALLOW_METHODS, |methods| methods.replace(", ", "; "))),
    ),
    Mutant::over_blocks(
        "methods-in-brackets",
        "The list of methods is written as the language prints lists.",
        "serialised lists",
        Fault::OnPreflight(|_, reply| {
            reply.reword(ALLOW_METHODS, |methods| format!("[\"{}\"]", methods.replace(", ", "\", \"")));
        }),
    ),
    Mutant::over_blocks(
        "methods-with-a-stray-element",
        "The list of methods ends in something that is no method, so all of it is invalid.",
        "H24: templates that were not filled in",
        Fault::OnPreflight(|_, reply| {
            reply.reword(ALLOW_METHODS, |methods| format!("{methods}, {{methods}}"))
        }),
    ),
    Mutant::over_blocks(
        "methods-under-a-wrong-name",
        "Methods are granted by `Allow` alone.",
        "OPTIONS answered by the framework",
        Fault::OnPreflight(|_, reply| reply.rename(ALLOW_METHODS, "allow")),
    ),
    Mutant::over_blocks(
        "methods-on-actual-requests-alone",
        "Methods are told on all answers but the preflight's.",
        "headers added by the handler's side",
        Fault::Answer(|turn, reply| {
            if turn.preflight {
                reply.cut(ALLOW_METHODS);
            } else if turn.listed && !turn.policy.methods.is_empty() {
                reply.put(ALLOW_METHODS, turn.policy.methods.join(", "));
            }
        }),
    ),
];

const USUAL: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/// Grants the method that is asked for where a comparison with a listed one says so.
fn echo(turn: &Turn, reply: &mut Reply, matches: impl Fn(&str, &str) -> bool) {
    let asked = turn.asked_method();
    if turn.policy.methods.iter().any(|listed| matches(listed, asked)) {
        also(turn, reply, asked);
    }
}

/// Grants one more method to a permitted origin.
fn also(turn: &Turn, reply: &mut Reply, method: &str) {
    let granted = reply.says(ALLOW_METHODS).unwrap_or_default();
    if !turn.listed || granted.split(", ").any(|other| other == method) {
        return;
    }
    let separator = if granted.is_empty() { "" } else { ", " };
    reply.put(ALLOW_METHODS, format!("{granted}{separator}{method}"));
}
