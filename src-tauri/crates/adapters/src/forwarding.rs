//! Passing a request on to an API and its answer back, neither of which is
//! held in memory as a whole.

use std::time::Duration;

use connection::HttpProblem;
use hyper::body::{Body, Bytes};
use hyper::header::AUTHORIZATION;
use hyper::{HeaderMap, Method};
use oauth::{Endpoint, Secret};

use crate::HttpsClient;
use crate::http::{bearer, sent};

/// The longest that a request and its answer may take together: 5 minutes.
const DEADLINE: Duration = Duration::from_secs(300);

/// A request to pass on.
pub struct ForwardedRequest<B> {
    /// Its method.
    pub method: Method,
    /// Its headers, without any that are meant for the next hop alone.
    pub headers: HeaderMap,
    /// Its body, if it has one.
    pub body: Option<B>,
}

/// An answer on its way back.
pub type ForwardedAnswer = hyper::Response<reqwest::Body>;

impl HttpsClient {
    /// Passes a request on to an endpoint, with this bearer token (RFC 6750
    /// §2.1) in the place of any that the request had. No redirect is followed.
    ///
    /// # Errors
    /// There was no answer. [`HttpProblem::answer_may_be_lost`] says whether
    /// the server may have done what it was asked for all the same.
    pub async fn forward<B>(
        &self,
        endpoint: &Endpoint,
        request: ForwardedRequest<B>,
        token: &Secret,
    ) -> Result<ForwardedAnswer, HttpProblem>
    where
        B: Body<Data = Bytes> + Send + Sync + 'static,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let (client, proxy) = self.on_the_way_to(endpoint).await?;
        let ForwardedRequest { method, mut headers, body } = request;
        headers.insert(AUTHORIZATION, bearer(token)?);
        let mut builder = client.request(method, endpoint.url().clone()).headers(headers).timeout(DEADLINE);
        if let Some(body) = body {
            builder = builder.body(reqwest::Body::wrap(body));
        }
        let answer = sent(builder, endpoint, proxy.as_ref()).await;
        self.forget_certificates_if_they_are_why(answer).map(ForwardedAnswer::from)
    }
}
