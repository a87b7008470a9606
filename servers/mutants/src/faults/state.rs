use crate::fault::Fault;
use crate::mutant::Mutant;
use crate::names::{ALLOW_HEADERS, ALLOW_METHODS, ALLOW_ORIGIN};
use crate::policy::lists_method;
use crate::reply::{Edit, bare};

/// What a layer remembers that should remember nothing.
pub(super) const MUTANTS: &[Mutant] = &[
    Mutant::over_blocks(
        "first-origin-sticks",
        "The first permitted origin is named to everybody who is permitted later.",
        "W32: values computed once",
        Fault::Answer(|turn, reply| {
            if let Some(said) = reply.says(ALLOW_ORIGIN).filter(|said| said != "*") {
                let mut memory = turn.memory();
                if memory.names.is_empty() {
                    memory.names.push(said);
                }
                reply.put(ALLOW_ORIGIN, &memory.names[0]);
            }
        }),
    ),
    Mutant::over_blocks(
        "origin-before-is-told",
        "Each answer names the origin that was permitted before, as a header kept by reference does.",
        "W32, O52: shared options objects",
        Fault::Answer(|turn, reply| {
            if let Some(said) = reply.says(ALLOW_ORIGIN).filter(|said| said != "*") {
                let mut memory = turn.memory();
                if let Some(before) = memory.names.pop() {
                    reply.put(ALLOW_ORIGIN, before);
                }
                memory.names.push(said);
            }
        }),
    ),
    Mutant::over_exposes(
        "permission-sticks",
        "Once an origin was permitted, every origin is.",
        "W32: expressjs/cors in 2014",
        Fault::Permit(|turn| {
            let mut memory = turn.memory();
            memory.flag |= turn.listed && turn.origin().is_some();
            memory.flag || turn.listed
        }),
    ),
    Mutant::over_blocks(
        "refusal-sticks",
        "Once an origin was refused, every origin is.",
        "W32 in reverse: shared options objects",
        Fault::Permit(|turn| {
            let mut memory = turn.memory();
            memory.flag |= !turn.listed && turn.origin().is_some();
            !memory.flag && turn.listed
        }),
    ),
    Mutant::over_blocks(
        "refusal-costs-the-next",
        "The request after a refused one is refused as well.",
        "O50: matchers that remember where they stopped",
        Fault::Permit(|turn| {
            let mut memory = turn.memory();
            let refused_before = std::mem::replace(&mut memory.flag, !turn.listed && turn.origin().is_some());
            turn.listed && !refused_before
        }),
    ),
    Mutant::over_exposes(
        "permission-covers-the-next",
        "The request after a permitted one is permitted as well.",
        "W32: results that are not reset",
        Fault::Permit(|turn| {
            let mut memory = turn.memory();
            let permitted_before =
                std::mem::replace(&mut memory.flag, turn.listed && turn.origin().is_some());
            turn.listed || permitted_before
        }),
    ),
    Mutant::over_blocks(
        "every-other-request-refused",
        "Every other permitted request is refused.",
        "O50: regular expressions with a state",
        Fault::Permit(|turn| {
            let mut memory = turn.memory();
            memory.count += u64::from(turn.listed);
            turn.listed && memory.count % 2 == 1
        }),
    ),
    Mutant::over_blocks(
        "fifth-request-refused",
        "Every fifth permitted request is refused.",
        "pools of matchers of which one is broken",
        Fault::Permit(|turn| {
            let mut memory = turn.memory();
            memory.count += u64::from(turn.listed);
            turn.listed && memory.count % 5 != 0
        }),
    ),
    Mutant::over_blocks(
        "first-request-refused",
        "The first request is refused, for the list is loaded afterwards.",
        "configuration loaded on demand",
        Fault::Permit(|turn| {
            let mut memory = turn.memory();
            memory.count += 1;
            turn.listed && memory.count > 1
        }),
    ),
    Mutant::over_exposes(
        "first-request-permitted",
        "The first request is permitted, for the list is loaded afterwards.",
        "configuration loaded on demand",
        Fault::Permit(|turn| {
            let mut memory = turn.memory();
            memory.count += 1;
            turn.listed || memory.count == 1
        }),
    ),
    Mutant::over_exposes(
        "fifth-refusal-permitted",
        "Whoever is refused four times is let in the fifth time.",
        "limits that fail open",
        Fault::Permit(|turn| {
            let mut memory = turn.memory();
            memory.count += u64::from(!turn.listed && turn.origin().is_some());
            turn.listed || (memory.count > 0 && memory.count % 5 == 0)
        }),
    ),
    Mutant::over_exposes(
        "permission-remembered-by-beginning",
        "Permitted origins are remembered by their first sixteen characters.",
        "keys of caches that are too short",
        Fault::Permit(|turn| {
            let key: String = turn.page().chars().take(16).collect();
            let mut memory = turn.memory();
            if turn.listed {
                memory.names.push(key.clone());
            }
            turn.listed || (!key.is_empty() && memory.names.contains(&key))
        }),
    ),
    Mutant::over_exposes(
        "permission-remembered-by-path",
        "The first decision about a path holds for everybody who asks for it.",
        "S01: keys of caches without the origin",
        Fault::Permit(|turn| {
            let key = format!("{} {}", turn.method(), turn.request.uri);
            let mut memory = turn.memory();
            let (refused, permitted) = (format!("- {key}"), format!("+ {key}"));
            if turn.origin().is_some()
                && !memory.names.contains(&refused)
                && !memory.names.contains(&permitted)
            {
                memory.names.push(if turn.listed { permitted.clone() } else { refused.clone() });
            }
            memory.names.contains(&permitted) || (turn.listed && !memory.names.contains(&refused))
        }),
    ),
    Mutant::over_blocks(
        "preflights-remembered-by-path",
        "The answer to the first preflight of a path is given to all that follow.",
        "V09: servers that cache preflights",
        Fault::OnPreflight(|turn, reply| {
            let mut memory = turn.memory();
            let kept =
                memory.answers.entry(turn.path().to_owned()).or_insert_with(|| reply.headers().clone());
            reply.headers_mut().clone_from(kept);
        }),
    ),
    Mutant::over_blocks(
        "third-preflight-throttled",
        "From the third on, preflights are answered with a bare 429.",
        "E05: limits that count preflights",
        Fault::OnPreflight(|turn, reply| {
            let mut memory = turn.memory();
            memory.count += 1;
            if memory.count > 2 {
                *reply = bare(429);
            }
        }),
    ),
    Mutant::over_exposes(
        "asked-headers-stay-granted",
        "Headers that were once asked for are granted from then on.",
        "O52: lists that are changed while requests are served",
        Fault::OnPreflight(|turn, reply| {
            let mut memory = turn.memory();
            if turn.listed {
                let earlier = memory.names.join(", ");
                reply.reword(ALLOW_HEADERS, |granted| format!("{granted}, {earlier}"));
                memory.names.extend(turn.asked_headers().into_iter().map(str::to_owned));
            }
        }),
    ),
    Mutant::over_exposes(
        "asked-methods-stay-granted",
        "Methods that were once asked for are granted from then on.",
        "O52: lists that are changed while requests are served",
        Fault::OnPreflight(|turn, reply| {
            let mut memory = turn.memory();
            if turn.listed {
                let earlier = memory.names.join(", ");
                reply.reword(ALLOW_METHODS, |granted| format!("{granted}, {earlier}"));
                memory.names.push(turn.asked_method().to_owned());
            }
        }),
    ),
    Mutant::over_blocks(
        "refused-method-closes-the-door",
        "After a preflight for a method that is not listed, no method is granted any more.",
        "O52: lists that are changed while requests are served",
        Fault::OnPreflight(|turn, reply| {
            let mut memory = turn.memory();
            if memory.flag {
                reply.cut(ALLOW_METHODS);
            }
            memory.flag |= turn.listed && !lists_method(turn.policy, turn.asked_method());
        }),
    ),
    Mutant::over_blocks(
        "error-closes-the-door",
        "After an answer of 4xx or 5xx, the next answer gets no CORS headers.",
        "E06: layers that go down with the handler",
        Fault::Permit(|turn| {
            let mut memory = turn.memory();
            let failed_before = std::mem::replace(&mut memory.flag, turn.status >= 400);
            turn.listed && !failed_before
        }),
    ),
    Mutant::over_blocks(
        "server-error-ends-the-layer",
        "After an answer of 5xx, no answer gets CORS headers any more.",
        "E06: locks that are poisoned",
        Fault::Permit(|turn| {
            let mut memory = turn.memory();
            let ended = memory.flag;
            memory.flag |= turn.status >= 500;
            turn.listed && !ended
        }),
    ),
    Mutant::over_exposes(
        "error-opens-the-door",
        "After an answer of 4xx or 5xx, the next answer is readable for everybody.",
        "error handlers that replace the layer",
        Fault::Permit(|turn| {
            let mut memory = turn.memory();
            let failed_before = std::mem::replace(&mut memory.flag, turn.status >= 400);
            turn.listed || failed_before
        }),
    ),
    Mutant::over_blocks(
        "no-origin-costs-the-next",
        "After a request without an origin, the next answer gets no CORS headers.",
        "O50: state that is reset by the wrong request",
        Fault::Permit(|turn| {
            let mut memory = turn.memory();
            let without_before = std::mem::replace(&mut memory.flag, turn.origin().is_none());
            turn.listed && !without_before
        }),
    ),
    Mutant::over_blocks(
        "origins-used-up",
        "Each listed origin is let in three times.",
        "O50: iterators that are not started again",
        Fault::Permit(|turn| {
            let mut memory = turn.memory();
            if turn.listed {
                memory.names.push(turn.page().to_owned());
            }
            turn.listed && memory.names.iter().filter(|name| *name == turn.page()).count() <= 3
        }),
    ),
    Mutant::over_exposes(
        "first-policy-for-all",
        "All instances of the server enforce the policy of the first one.",
        "O52: configuration kept in a global",
        Fault::Elsewhere(|all| all.first()),
    ),
    Mutant::over_exposes(
        "last-policy-for-all",
        "All instances of the server enforce the policy of the last one.",
        "O52: configuration kept in a global",
        Fault::Elsewhere(|all| all.last()),
    ),
    Mutant::over_exposes(
        "policies-added-up",
        "All instances of the server enforce the policy that permits the most.",
        "M07, O52: layers that share a list",
        Fault::Elsewhere(|all| all.iter().max_by_key(|policy| (policy.any_origin(), policy.origins.len()))),
    ),
];
