use super::fits;
use crate::fault::Fault;
use crate::mutant::Mutant;
use crate::names::{ALLOW_HEADERS, REQUEST_HEADERS};
use crate::policy::lists_header;
use crate::reply::{Edit, Reply};
use crate::turn::Turn;

/// Which request headers a preflight is granted.
pub(super) const MUTANTS: &[Mutant] = &[
    Mutant::over_exposes(
        "headers-echoed",
        "Whatever headers are asked for are granted.",
        "H18: express, koa, hono, echo, Javalin",
        Fault::OnPreflight(echo_all),
    ),
    Mutant::over_exposes(
        "headers-star-always",
        "Every preflight is granted `*`.",
        "hand-written proxy configurations",
        Fault::OnPreflight(|turn, reply| also(turn, reply, "*")),
    ),
    Mutant::over_exposes(
        "headers-first-asked-alone",
        "Only the first header that is asked for is looked up; if it is listed, all are granted.",
        "H05, H11: checks that stop early",
        Fault::OnPreflight(|turn, reply| {
            if turn.asked_headers().first().is_some_and(|name| lists_header(turn.policy, name)) {
                echo_all(turn, reply);
            }
        }),
    ),
    Mutant::over_exposes(
        "headers-last-asked-alone",
        "The last header that is asked for decides: the loop overwrites its result.",
        "H11: results that are overwritten",
        Fault::OnPreflight(|turn, reply| {
            if turn.asked_headers().last().is_some_and(|name| lists_header(turn.policy, name)) {
                echo_all(turn, reply);
            }
        }),
    ),
    Mutant::over_exposes(
        "headers-any-match-is-enough",
        "If one of the headers that are asked for is listed, all are granted.",
        "H11: poem, Spring",
        Fault::OnPreflight(|turn, reply| {
            if turn.asked_headers().iter().any(|name| lists_header(turn.policy, name)) {
                echo_all(turn, reply);
            }
        }),
    ),
    Mutant::over_exposes(
        "headers-many-wave-through",
        "After the first sixteen, headers are granted without looking.",
        "H07: limits against hostile lists",
        Fault::OnPreflight(|turn, reply| {
            turn.asked_headers().iter().skip(16).for_each(|name| also(turn, reply, name));
        }),
    ),
    Mutant::over_exposes(
        "header-substring",
        "A header that is found inside a listed one is granted.",
        "X02 for headers",
        Fault::OnPreflight(|turn, reply| echo(turn, reply, |listed, asked| listed.contains(asked))),
    ),
    Mutant::over_exposes(
        "header-begins-listed",
        "A header that is the beginning of a listed one is granted.",
        "comparisons with their arguments swapped",
        Fault::OnPreflight(|turn, reply| echo(turn, reply, |listed, asked| listed.starts_with(asked))),
    ),
    Mutant::over_exposes(
        "header-prefix",
        "A header that begins like a listed one is granted.",
        "comparisons that stop too early",
        Fault::OnPreflight(|turn, reply| echo(turn, reply, |listed, asked| asked.starts_with(listed))),
    ),
    Mutant::over_exposes(
        "header-suffix",
        "A header that is the end of a listed one is granted.",
        "X02 for headers",
        Fault::OnPreflight(|turn, reply| echo(turn, reply, |listed, asked| listed.ends_with(asked))),
    ),
    Mutant::over_exposes(
        "header-cut-at-32",
        "Names are compared over their first 32 characters.",
        "fixed buffers in proxies",
        Fault::OnPreflight(|turn, reply| {
            echo(turn, reply, |listed, asked| {
                listed.len() >= 32 && asked.len() >= 32 && listed[..32] == asked[..32]
            });
        }),
    ),
    Mutant::over_exposes(
        "header-within-the-joined-list",
        "A header that is found in the list, written without separators, is granted.",
        "X02 for headers: a serialised list",
        Fault::OnPreflight(|turn, reply| {
            let joined = turn.policy.headers.concat().to_ascii_lowercase();
            for name in turn.asked_headers() {
                if joined.contains(&name.to_ascii_lowercase()) {
                    also(turn, reply, name);
                }
            }
        }),
    ),
    Mutant::over_exposes(
        "header-underscore-is-a-hyphen",
        "Underscore and hyphen are the same in names, as in the variables of CGI.",
        "CGI and its successors",
        Fault::OnPreflight(|turn, reply| {
            echo(turn, reply, |listed, asked| listed.replace('_', "-") == asked.replace('_', "-"));
        }),
    ),
    Mutant::over_exposes(
        "header-dot-is-a-hyphen",
        "Dot and hyphen are the same in names.",
        "H04: go-chi/cors",
        Fault::OnPreflight(|turn, reply| {
            echo(turn, reply, |listed, asked| listed.replace('.', "-") == asked.replace('.', "-"));
        }),
    ),
    Mutant::over_exposes(
        "header-dot-unescaped",
        "A listed name is used as a regular expression, so its dots stand for any character.",
        "O01 for headers: flask-cors",
        Fault::OnPreflight(|turn, reply| echo(turn, reply, fits)),
    ),
    Mutant::over_exposes(
        "header-punctuation-dropped",
        "Everything but letters, digits and hyphens is dropped before names are compared.",
        "H04: rs/cors, go-chi/cors",
        Fault::OnPreflight(|turn, reply| {
            let letters =
                |name: &str| name.replace(|byte: char| !byte.is_ascii_alphanumeric() && byte != '-', "");
            echo(turn, reply, |listed, asked| letters(listed) == letters(asked));
        }),
    ),
    Mutant::over_exposes(
        "header-digits-ignored",
        "Digits do not count when names are compared.",
        "patterns made of lists",
        Fault::OnPreflight(|turn, reply| {
            let shape = |name: &str| name.replace(|byte: char| byte.is_ascii_digit(), "0");
            echo(turn, reply, |listed, asked| shape(listed) == shape(asked));
        }),
    ),
    Mutant::over_exposes(
        "header-taken-for-a-pattern",
        "The name that is asked for is used as a regular expression, and granted if it fits a listed one.",
        "H08: names handled by patterns",
        Fault::OnPreflight(|turn, reply| {
            echo(turn, reply, |listed, asked| asked == ".*" || (asked.contains('.') && fits(asked, listed)));
        }),
    ),
    Mutant::over_exposes(
        "header-star-granted",
        "A header that is called `*` is granted as if it stood for any.",
        "`*` looked up in both directions",
        Fault::OnPreflight(|turn, reply| {
            if turn.asked_headers().contains(&"*") {
                also(turn, reply, "*");
            }
        }),
    ),
    Mutant::over_exposes(
        "header-authorization-always",
        "Authorization is granted whatever the list.",
        "defaults that are added to the list",
        Fault::OnPreflight(|turn, reply| also(turn, reply, "Authorization")),
    ),
    Mutant::over_exposes(
        "header-requested-with-always",
        "X-Requested-With is granted whatever the list.",
        "H21: defaults of django-cors-headers and others",
        Fault::OnPreflight(|turn, reply| also(turn, reply, "X-Requested-With")),
    ),
    Mutant::over_exposes(
        "header-cache-control-always",
        "Cache-Control is granted whatever the list, as if it were safelisted.",
        "H13, H21: the safelists of requests and responses taken for one",
        Fault::OnPreflight(|turn, reply| also(turn, reply, "Cache-Control")),
    ),
    Mutant::over_exposes(
        "header-custom-always",
        "Every header whose name begins with X- is granted.",
        "defaults for custom headers",
        Fault::OnPreflight(|turn, reply| {
            turn.asked_headers()
                .into_iter()
                .filter(|name| name.starts_with("x-"))
                .for_each(|name| also(turn, reply, name));
        }),
    ),
    Mutant::over_exposes(
        "empty-headers-are-an-echo",
        "With an empty list of headers, whatever is asked for is granted.",
        "H18, H24: express, koa, hono, echo",
        Fault::OnPreflight(|turn, reply| {
            if turn.policy.headers.is_empty() {
                echo_all(turn, reply);
            }
        }),
    ),
    Mutant::over_exposes(
        "empty-headers-are-defaults",
        "An empty list of headers is replaced by the usual ones.",
        "H21, H24: defaults of most middlewares",
        Fault::Policy(|policy| {
            if policy.headers.is_empty() {
                policy.headers = ["Accept", "Authorization", "Content-Type", "X-Token", "X-Requested-With"]
                    .map(str::to_owned)
                    .to_vec();
            }
        }),
    ),
    Mutant::over_exposes(
        "headers-granted-with-a-listed-method",
        "A preflight for a listed method is granted any header: one match is enough.",
        "H11 across both questions: poem, Spring",
        Fault::OnPreflight(|turn, reply| {
            if matches!(turn.asked_method(), "PUT" | "PATCH" | "DELETE")
                && turn.policy.methods.iter().any(|listed| listed == turn.asked_method())
            {
                echo_all(turn, reply);
            }
        }),
    ),
    Mutant::over_blocks(
        "headers-missing",
        "No headers are granted at all.",
        "a forgotten header",
        Fault::OnPreflight(|_, reply| reply.cut(ALLOW_HEADERS)),
    ),
    Mutant::over_blocks(
        "headers-asked-with-comma-and-space",
        "The headers that are asked for are split at comma and space, but browsers send no space.",
        "H01: localstack, cornice",
        Fault::OnPreflight(|turn, reply| {
            let asked = turn.header(REQUEST_HEADERS).unwrap_or_default();
            grant_if(turn, reply, asked.split(", ").all(|name| lists_header(turn.policy, name)));
        }),
    ),
    Mutant::over_blocks(
        "headers-asked-as-one-name",
        "What is asked for is compared as one name.",
        "H02: noobaa",
        Fault::OnPreflight(|turn, reply| {
            let asked = turn.header(REQUEST_HEADERS).unwrap_or_default();
            grant_if(turn, reply, lists_header(turn.policy, asked));
        }),
    ),
    Mutant::over_blocks(
        "header-case-matters",
        "Names are compared letter by letter, while browsers send lower case.",
        "header names with case",
        Fault::OnPreflight(|turn, reply| {
            let listed = |name: &&str| {
                turn.policy.any_header() || turn.policy.headers.iter().any(|listed| listed == name)
            };
            grant_if(turn, reply, turn.asked_headers().iter().all(listed));
        }),
    ),
    Mutant::over_blocks(
        "headers-asked-in-the-lists-order",
        "Headers must be asked for in the order of the list, while browsers sort them.",
        "H06: merging two lists that are sorted differently",
        Fault::OnPreflight(|turn, reply| {
            let mut listed = turn.policy.headers.iter();
            let asked = turn.asked_headers();
            let in_order = asked.iter().all(|name| listed.any(|listed| listed.eq_ignore_ascii_case(name)));
            grant_if(turn, reply, in_order || turn.policy.any_header());
        }),
    ),
    Mutant::over_blocks(
        "headers-searched-as-if-sorted",
        "The list is searched by halves though nobody sorted it.",
        "binary search",
        Fault::OnPreflight(|turn, reply| {
            let found = |name: &&str| {
                let found = turn.policy.headers.binary_search_by(|listed| listed.as_str().cmp(name));
                found.is_ok() || turn.policy.any_header()
            };
            grant_if(turn, reply, turn.asked_headers().iter().all(found));
        }),
    ),
    Mutant::over_blocks(
        "headers-first-alone",
        "Only the first listed header is granted.",
        "O53 for headers",
        Fault::Policy(|policy| policy.headers.truncate(1)),
    ),
    Mutant::over_blocks(
        "headers-last-lost",
        "The last listed header is lost.",
        "H23: jub0bs/cors 0.13.3",
        Fault::Policy(|policy| drop(policy.headers.pop())),
    ),
    Mutant::over_blocks(
        "headers-one-echoed",
        "Of the headers that are asked for the first listed one is granted.",
        "H05: only the first is read",
        Fault::OnPreflight(|turn, reply| {
            let first = turn.asked_headers().into_iter().find(|name| lists_header(turn.policy, name));
            reply.reword(ALLOW_HEADERS, |_| first.unwrap_or_default().to_owned());
        }),
    ),
    Mutant::over_blocks(
        "headers-ten-at-most",
        "A preflight that asks for more than ten headers is granted none.",
        "H06, H07: limits against hostile lists",
        Fault::OnPreflight(|turn, reply| grant_if(turn, reply, turn.asked_headers().len() <= 10)),
    ),
    Mutant::over_blocks(
        "headers-256-bytes-at-most",
        "A preflight whose list of headers is longer than 256 bytes is granted none.",
        "H07, H09: limits against hostile lists",
        Fault::OnPreflight(|turn, reply| {
            grant_if(turn, reply, turn.header(REQUEST_HEADERS).is_none_or(|asked| asked.len() <= 256));
        }),
    ),
    Mutant::over_blocks(
        "headers-granted-up-to-256-bytes",
        "The list of granted headers is cut after 256 bytes.",
        "fixed buffers in proxies",
        Fault::OnPreflight(|_, reply| {
            reply.reword(ALLOW_HEADERS, |granted| granted.chars().take(256).collect());
        }),
    ),
    Mutant::over_blocks(
        "headers-long-names-lost",
        "Names of more than 40 characters are lost.",
        "fixed buffers in proxies",
        Fault::Policy(|policy| policy.headers.retain(|name| name.len() <= 40)),
    ),
    Mutant::over_blocks(
        "headers-short-names-lost",
        "Names of one letter are lost.",
        "H04: ideas of what a name looks like",
        Fault::Policy(|policy| policy.headers.retain(|name| name == "*" || name.len() > 1)),
    ),
    Mutant::over_blocks(
        "headers-leading-digits-lost",
        "Names that begin with a digit are lost.",
        "H04: ideas of what a name looks like",
        Fault::Policy(|policy| {
            policy.headers.retain(|name| !name.starts_with(|first: char| first.is_ascii_digit()));
        }),
    ),
    Mutant::over_blocks(
        "headers-dots-lost",
        "Names with a dot are lost.",
        "H04: rs/cors #23, go-chi/cors",
        Fault::Policy(|policy| policy.headers.retain(|name| !name.contains('.'))),
    ),
    Mutant::over_blocks(
        "headers-underscores-lost",
        "Names with an underscore are lost.",
        "nginx drops them by default",
        Fault::Policy(|policy| policy.headers.retain(|name| !name.contains('_'))),
    ),
    Mutant::over_blocks(
        "headers-odd-names-lost",
        "Names with other characters than letters, digits, hyphen, dot and underscore are lost.",
        "H04: rs/cors #99, go-chi/cors #20",
        Fault::OnPreflight(|_, reply| {
            reply.reword(ALLOW_HEADERS, |granted| {
                let usual = |byte: char| byte.is_ascii_alphanumeric() || "-._*".contains(byte);
                let names = granted.split(", ").filter(|name| name.chars().all(usual));
                names.collect::<Vec<_>>().join(", ")
            });
        }),
    ),
    Mutant::over_blocks(
        "headers-lower-case-lost",
        "Names that the list writes in lower case are lost.",
        "header names with case",
        Fault::Policy(|policy| {
            policy.headers.retain(|name| !name.starts_with(|first: char| first.is_ascii_lowercase()));
        }),
    ),
    Mutant::over_blocks(
        "header-content-type-lost",
        "Content-Type is never granted, for it is taken to be safelisted whatever its value.",
        "H13, Z05: litestar, Ktor",
        Fault::OnPreflight(|_, reply| lose(reply, "content-type")),
    ),
    Mutant::over_blocks(
        "header-authorization-lost",
        "Authorization is never granted, even where it is listed.",
        "H15: credentials that are better left out",
        Fault::OnPreflight(|_, reply| lose(reply, "authorization")),
    ),
    Mutant::over_blocks(
        "header-cache-control-lost",
        "Cache-Control is never granted, for it is taken to be safelisted.",
        "H13: the safelists of requests and responses taken for one",
        Fault::OnPreflight(|_, reply| lose(reply, "cache-control")),
    ),
    Mutant::over_blocks(
        "headers-custom-alone",
        "Only names that begin with X- are granted.",
        "defaults for custom headers",
        Fault::OnPreflight(|_, reply| {
            reply.reword(ALLOW_HEADERS, |granted| {
                let custom = granted.split(", ").filter(|name| name.to_ascii_lowercase().starts_with("x-"));
                custom.collect::<Vec<_>>().join(", ")
            });
        }),
    ),
    Mutant::over_blocks(
        "any-header-taken-literally",
        "`*` is granted to requests with credentials too, which take it for a header of that name.",
        "H14: gin, Pode, php-cors",
        Fault::OnPreflight(|turn, reply| {
            if turn.policy.any_header() && turn.policy.credentials {
                reply.reword(ALLOW_HEADERS, |_| "*".into());
            }
        }),
    ),
    Mutant::over_blocks(
        "any-header-grants-none",
        "`*` in the list is dropped, for it is no header.",
        "lists without a wildcard",
        Fault::Policy(|policy| policy.headers.retain(|name| name != "*")),
    ),
    Mutant::over_blocks(
        "any-header-is-one",
        "Where any header is permitted, the first that is asked for is granted.",
        "H05: only the first is read",
        Fault::OnPreflight(|turn, reply| {
            if turn.policy.any_header() {
                reply.reword(ALLOW_HEADERS, |granted| {
                    granted.split(", ").next().unwrap_or_default().to_owned()
                });
            }
        }),
    ),
    Mutant::over_blocks(
        "headers-with-spaces",
        "Header names are joined by spaces.",
        "lists written by hand",
        Fault::OnPreflight(|_, reply| reply.reword(ALLOW_HEADERS, |granted| granted.replace(", ", " "))),
    ),
    Mutant::over_blocks(
        "headers-with-semicolons",
        "Header names are joined by semicolons.",
        "lists written by hand",
        Fault::OnPreflight(|_, reply| reply.reword(ALLOW_HEADERS, |granted| granted.replace(", ", "; "))),
    ),
    Mutant::over_blocks(
        "headers-with-underscores",
        "Header names are granted with underscores, as the language's identifiers have them.",
        "CGI and its successors",
        Fault::OnPreflight(|_, reply| reply.reword(ALLOW_HEADERS, |granted| granted.replace('-', "_"))),
    ),
    Mutant::over_blocks(
        "headers-with-a-stray-element",
        "The list of headers ends in something that is no name, so all of it is invalid.",
        "H24: templates that were not filled in",
        Fault::OnPreflight(|_, reply| reply.reword(ALLOW_HEADERS, |granted| format!("{granted}, X Other:"))),
    ),
    Mutant::over_blocks(
        "headers-under-the-exposed",
        "Granted headers are told under the name for exposed ones.",
        "H22: flask-cors 1.10.2, actix-cors 0.5",
        Fault::OnPreflight(|_, reply| reply.rename(ALLOW_HEADERS, "access-control-expose-headers")),
    ),
    Mutant::over_blocks(
        "headers-and-exposed-swapped",
        "The lists of request headers and of exposed headers are swapped.",
        "H22: flask-cors 1.10.2, actix-cors 0.5",
        Fault::Policy(|policy| std::mem::swap(&mut policy.headers, &mut policy.expose)),
    ),
    Mutant::over_blocks(
        "headers-with-unsafe-methods-alone",
        "Headers are granted only where the method needs a grant too.",
        "preflights taken to be about methods",
        Fault::OnPreflight(|turn, reply| {
            grant_if(turn, reply, !matches!(turn.asked_method(), "GET" | "HEAD" | "POST"));
        }),
    ),
    Mutant::over_blocks(
        "headers-with-safe-methods-alone",
        "Headers are granted only where the method needs no grant.",
        "one answer for each preflight",
        Fault::OnPreflight(|turn, reply| {
            grant_if(turn, reply, matches!(turn.asked_method(), "GET" | "HEAD" | "POST"));
        }),
    ),
];

fn echo_all(turn: &Turn, reply: &mut Reply) {
    turn.asked_headers().iter().for_each(|name| also(turn, reply, name));
}

/// Grants each header that is asked for where a comparison with a listed one, both in lower case, says so.
fn echo(turn: &Turn, reply: &mut Reply, matches: impl Fn(&str, &str) -> bool) {
    let listed: Vec<_> = turn.policy.headers.iter().map(|name| name.to_ascii_lowercase()).collect();
    for name in turn.asked_headers() {
        if listed.iter().any(|listed| matches(listed, &name.to_ascii_lowercase())) {
            also(turn, reply, name);
        }
    }
}

/// Grants one more header to a permitted origin.
fn also(turn: &Turn, reply: &mut Reply, name: &str) {
    let granted = reply.says(ALLOW_HEADERS).unwrap_or_default();
    if !turn.listed || granted.split(", ").any(|other| other.eq_ignore_ascii_case(name)) {
        return;
    }
    let separator = if granted.is_empty() { "" } else { ", " };
    reply.put(ALLOW_HEADERS, format!("{granted}{separator}{name}"));
}

/// Grants what was to be granted, or nothing; a preflight that asks for no header is granted nothing amiss.
fn grant_if(turn: &Turn, reply: &mut Reply, condition: bool) {
    if !condition && !turn.asked_headers().is_empty() {
        reply.cut(ALLOW_HEADERS);
    }
}

/// Leaves one name out of what is granted.
fn lose(reply: &mut Reply, lost: &str) {
    reply.reword(ALLOW_HEADERS, |granted| {
        let names = granted.split(", ").filter(|name| !name.eq_ignore_ascii_case(lost));
        names.collect::<Vec<_>>().join(", ")
    });
}
