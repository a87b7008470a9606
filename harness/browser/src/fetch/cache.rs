//! Where a fetch meets the browser's HTTP cache; cache mode `default` alone.

use super::Context;
use crate::deviation::Deviation;
use crate::headers::is_conditional;
use crate::http::{HttpRequest, HttpResponse};
use crate::http_cache::Stored;
use crate::initiator::Initiator;
use crate::origin::site_of;
use crate::outcome::Source;
use crate::rule::Rule;

impl Context<'_> {
    /// Steps 8.16 to 8.26 of HTTP-network-or-cache fetch: a stored response, if one will do without asking.
    ///
    /// Out of scope: stale-while-revalidate, which answers from the cache and asks in parallel.
    pub(super) fn select_stored(&mut self, request: &mut HttpRequest) -> Option<HttpResponse> {
        self.request.revalidating = false;
        // 8.16. Script's own conditions turn the cache off, as these two APIs do for themselves.
        let conditional = request.headers.iter().any(|header| is_conditional(&header.name));
        // Without either there is nothing that it would change.
        if conditional || self.browser.http_cache.is_some() {
            self.decide(Rule::ScriptSetsConditions, &[], conditional);
        }
        let never_stores = matches!(self.request.initiator, Initiator::EventSource | Initiator::WebSocket);
        self.request.bypasses_cache = conditional || never_stores;
        if self.request.bypasses_cache {
            self.append_cache_control(request, conditional);
            return None;
        }
        self.browser.http_cache.as_ref()?;
        let partition = self.partition();
        let stored = match &self.browser.http_cache {
            Some(cache) => cache.select(&partition, request, self.now),
            None => Stored::Nothing,
        };
        let url = request.url.as_str().as_bytes();
        self.decide(Rule::ResponseIsStored, url, !matches!(stored, Stored::Nothing));
        match stored {
            Stored::Nothing => None,
            Stored::Fresh(response) => {
                self.decide(Rule::StoredResponseIsStale, &[], false);
                Some(response)
            }
            Stored::Stale(validators) => {
                self.request.revalidating = self.decide(Rule::StoredResponseIsStale, &[], true);
                for validator in &validators {
                    request.headers.append(validator.name.clone(), validator.value.clone());
                }
                None
            }
        }
    }

    /// Steps 8.17 and 8.18: caches on the way are told to stand aside.
    fn append_cache_control(&self, request: &mut HttpRequest, conditional: bool) {
        let asks_to_validate = conditional && self.has(Deviation::ConditionsAskToValidate);
        let lines: &[(&[u8], &[u8])] = if asks_to_validate {
            &[(b"Cache-Control", b"max-age=0")]
        } else {
            &[(b"Pragma", b"no-cache"), (b"Cache-Control", b"no-cache")]
        };
        for &(name, value) in lines {
            if !request.headers.contains(name) {
                request.headers.append(name, value);
            }
        }
    }

    /// Steps 10.3 to 10.5: what the cache makes of the network's response.
    pub(super) fn pass_cache(
        &mut self,
        request: &HttpRequest,
        response: HttpResponse,
    ) -> (HttpResponse, Source) {
        if self.browser.http_cache.is_none() || self.request.bypasses_cache {
            return (response, Source::Network);
        }
        let partition = self.partition();
        let revalidating = self.request.revalidating;
        if revalidating {
            self.decide(Rule::StoredResponseIsGood, &[], response.status == 304);
        }
        let Some(cache) = &mut self.browser.http_cache else { return (response, Source::Network) };
        let (response, validated) = cache.receive(&partition, request, response, revalidating, self.now);
        (response, if validated { Source::Validated } else { Source::Network })
    }

    /// "Determine the HTTP cache partition". <https://fetch.spec.whatwg.org/#determine-the-http-cache-partition>
    fn partition(&self) -> String {
        site_of(self.request.top_level.as_ref().unwrap_or(&self.request.origin))
    }
}
