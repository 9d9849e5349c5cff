//! The cookies of a conversation, kept like in a browser.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use cookie_store::CookieStore;
use hyper::HeaderMap;
use hyper::header::SET_COOKIE;
use url::Url;

/// The largest number of cookies that are kept.
const MAX_COOKIES: usize = 50;

/// The largest cookie that is kept, in bytes.
const MAX_COOKIE: usize = 4096;

/// The largest Cookie header that is sent, in bytes: servers accept 8 KiB of headers or more.
const MAX_HEADER: usize = 4096;

/// Cookies, shared by all clones.
#[derive(Clone, Default)]
pub(super) struct Jar(Arc<Mutex<CookieStore>>);

impl Jar {
    /// Another jar with the same cookies.
    pub(super) fn copy(&self) -> Self {
        Self(Arc::new(Mutex::new(self.lock().clone())))
    }

    /// Adds a cookie for all paths of a server; `Err` if it is not of the form `name=value`.
    pub(super) fn put(&self, origin: &Url, cookie: &str) -> Result<(), ()> {
        self.lock().parse(cookie, origin).map(drop).map_err(drop)
    }

    /// Adds the cookies of an answer.
    pub(super) fn take(&self, url: &Url, headers: &HeaderMap) {
        for cookie in headers.get_all(SET_COOKIE).iter().filter_map(|value| value.to_str().ok()) {
            let mut store = self.lock();
            if cookie.len() <= MAX_COOKIE && store.iter_any().count() < MAX_COOKIES {
                // A cookie for another site, or an invalid one, is not kept.
                let _ = store.parse(cookie, url);
            }
        }
    }

    /// The Cookie header for a request to this URL.
    pub(super) fn header(&self, url: &Url) -> Option<String> {
        let store = self.lock();
        let mut header = String::new();
        for (name, value) in store.get_request_values(url) {
            if header.len() + name.len() + value.len() + 3 > MAX_HEADER {
                break;
            }
            if !header.is_empty() {
                header.push_str("; ");
            }
            header.extend([name, "=", value]);
        }
        (!header.is_empty()).then_some(header)
    }

    fn lock(&self) -> MutexGuard<'_, CookieStore> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
