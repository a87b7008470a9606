use std::borrow::Cow;
use std::sync::{Arc, Mutex, PoisonError};

use corspec_protocol::{PermittedOrigin, Policy};
use corspec_server_reference::Resource;
use hyper::header::HeaderMap;
use hyper::http::request::Parts;

use crate::fault::Fault;
use crate::layer;
use crate::policy::entries;
use crate::reply::Reply;
use crate::style::Style;
use crate::turn::{Memory, Turn, handle, is_preflight};

/// A resource behind a layer that enforces a policy, in a style, with at most one fault.
#[derive(Debug)]
pub(crate) struct Site {
    style: Style,
    fault: Option<Fault>,
    policy: Policy,
    entries: Vec<PermittedOrigin>,
    /// All policies that the server was given so far.
    all: Policies,
    resource: Resource,
    memory: Mutex<Memory>,
}

/// The policies that one server was given, in order.
pub(crate) type Policies = Arc<Mutex<Vec<Policy>>>;

impl Site {
    pub(crate) fn new(style: Style, fault: Option<Fault>, mut policy: Policy, all: &Policies) -> Self {
        if let Some(Fault::Policy(misread)) = fault {
            misread(&mut policy);
        }
        all.lock().unwrap_or_else(PoisonError::into_inner).push(policy.clone());
        Self {
            style,
            fault,
            entries: entries(&policy),
            policy,
            all: Arc::clone(all),
            resource: Resource::default(),
            memory: Mutex::default(),
        }
    }

    pub(crate) fn respond(&self, request: &Parts) -> Reply {
        let Some(Fault::Elsewhere(choose)) = self.fault else {
            return self.respond_under(&self.policy, &self.entries, request);
        };
        let all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        let policy = choose(&all).unwrap_or(&self.policy);
        self.respond_under(policy, &entries(policy), request)
    }

    fn respond_under(&self, policy: &Policy, entries: &[PermittedOrigin], request: &Parts) -> Reply {
        let mut seen = Cow::Borrowed(request);
        if let Some(Fault::Request(misread)) = self.fault {
            misread(seen.to_mut());
        }
        let mut turn = Turn {
            policy,
            entries,
            request: &seen,
            preflight: is_preflight(&seen),
            status: 0,
            own: HeaderMap::new(),
            listed: false,
            resource: &self.resource,
            memory: &self.memory,
        };
        if let Some(Fault::Instead(answer)) = self.fault
            && let Some(reply) = answer(&turn)
        {
            return reply;
        }
        if let Some(Fault::Recognise(recognise)) = self.fault {
            turn.preflight = recognise(&turn);
        }
        let mut reply = if turn.preflight {
            let permitted = self.decide(&mut turn);
            layer::preflight(&self.style, &turn, permitted)
        } else {
            let mut reply = handle(&self.resource, request);
            turn.status = reply.status().as_u16();
            turn.own = reply.headers().clone();
            let permitted = self.decide(&mut turn);
            layer::finish(&self.style, &turn, &mut reply, permitted);
            reply
        };
        self.spoil(&turn, &mut reply);
        reply
    }

    fn decide(&self, turn: &mut Turn) -> bool {
        let matches = match self.fault {
            Some(Fault::Match(matches)) => matches,
            _ => |entry: &PermittedOrigin, origin: &str| entry.permits(origin.as_bytes()),
        };
        turn.listed = layer::listed(turn, matches);
        match self.fault {
            Some(Fault::Permit(permit)) => permit(turn),
            _ => turn.listed,
        }
    }

    fn spoil(&self, turn: &Turn, reply: &mut Reply) {
        match self.fault {
            Some(Fault::OnPreflight(spoil)) if turn.preflight => spoil(turn, reply),
            Some(Fault::OnActual(spoil)) if !turn.preflight => spoil(turn, reply),
            Some(Fault::Answer(spoil)) => spoil(turn, reply),
            Some(Fault::AnyWithCredentials(spoil)) if turn.policy.any_origin() && turn.policy.credentials => {
                spoil(turn, reply);
            }
            _ => {}
        }
    }
}
