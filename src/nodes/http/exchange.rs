use std::borrow::Cow;

use reqwest::header::{AUTHORIZATION, HeaderName, HeaderValue};
use reqwest::{Method, Response, StatusCode, Url};

use super::auth::Auth;
use super::executor::HttpRequest;
use super::request::{Request, shown};
use super::{answer, fault, header, redirect};
use crate::nodes::{Call, Context, NodeError, Scrubber, Secrets};
use crate::value::Value;

/// How many redirects are followed where the author says nothing.
const MOST_REDIRECTS: usize = 5;

/// A request on its way from one place to the next, until an answer is final.
pub(super) struct Exchange<'a> {
    http: &'a HttpRequest,
    /// Secrets filled in.
    call: &'a Call,
    context: &'a Context,
    request: Request,
    followed: usize,
    /// The token that was sent last, and the one before it that was refused.
    token: Option<String>,
    refused: Option<String>,
    /// Whether a request has left: from then on something may have happened outside.
    is_sent: bool,
    /// What is not to be told, tokens among it.
    secrets: Cow<'a, Secrets>,
    scrubber: Scrubber,
}

impl<'a> Exchange<'a> {
    pub(super) fn new(http: &'a HttpRequest, call: &'a Call, context: &'a Context, request: Request) -> Self {
        Self {
            http,
            call,
            context,
            request,
            followed: 0,
            token: None,
            refused: None,
            is_sent: false,
            secrets: Cow::Borrowed(context.secrets()),
            scrubber: context.scrubber().clone(),
        }
    }

    pub(super) async fn run(mut self) -> Result<Value, NodeError> {
        let result = self.answer().await;
        let result = match self.secrets {
            Cow::Borrowed(_) => result,
            // Tokens are known here only.
            Cow::Owned(_) => match result {
                Ok(output) => Ok(self.scrubber.value(&output)),
                Err(error) => Err(self.scrubber.error(error)),
            },
        };
        result.map_err(|error| NodeError { before_effect: error.before_effect && !self.is_sent, ..error })
    }

    async fn answer(&mut self) -> Result<Value, NodeError> {
        loop {
            let response = self.send().await?;
            if self.asks_for_another_token(response.status()) {
                self.refused = self.token.take();
                continue;
            }
            match self.next(&response)? {
                Some((method, url)) => self.request.follow(method, url),
                None => return answer::read(self.call, &self.scrubber, response, &self.place()).await,
            }
        }
    }

    fn asks_for_another_token(&self, status: StatusCode) -> bool {
        let was_proven = self.token.is_some() && self.request.auth.is_some();
        status == StatusCode::UNAUTHORIZED && was_proven && self.refused.is_none()
    }

    async fn send(&mut self) -> Result<Response, NodeError> {
        let mut headers = self.request.headers.clone();
        if let Some((name, value)) = self.proof().await? {
            headers.insert(name, value);
        }
        let (method, url) = (self.request.method.clone(), self.request.url.clone());
        let mut request = self.http.client.request(self.context.egress(), method, url)?.headers(headers);
        if let Some(body) = &self.request.body {
            request = request.body(body.clone());
        }
        let sent = request.send().await.map_err(|error| fault::of_request(&error, &self.place()));
        self.is_sent |= sent.as_ref().map_or_else(|error| !error.before_effect, |_| true);
        sent
    }

    /// The header that proves who sends the request, where there is one.
    async fn proof(&mut self) -> Result<Option<(HeaderName, HeaderValue)>, NodeError> {
        let client = match &self.request.auth {
            None => return Ok(None),
            Some(Auth::Header(name, value)) => return Ok(Some((name.clone(), value.clone()))),
            Some(Auth::Token(client)) => client,
        };
        let refused = self.refused.as_deref();
        let asked =
            self.http.tokens.get(client, &self.http.client, self.context.egress(), refused, &self.scrubber);
        let token = asked.await?;
        if self.token.as_ref() != Some(&token) {
            let name = if refused.is_none() { "access token" } else { "new access token" };
            self.secrets = Cow::Owned(self.secrets.with(name, &token));
            self.scrubber = Scrubber::new(&self.secrets);
        }
        let value = header::secret(&format!("Bearer {token}"))?;
        self.token = Some(token);
        Ok(Some((AUTHORIZATION, value)))
    }

    /// Where an answer sends the request on to; none where it is the answer to read.
    fn next(&mut self, response: &Response) -> Result<Option<(Method, Url)>, NodeError> {
        let most = self.call.count("follow_redirects").unwrap_or(MOST_REDIRECTS);
        let status = response.status();
        if most == 0 || answer::is_accepted(self.call, status) {
            return Ok(None);
        }
        let place = self.place();
        let Some(url) = redirect::target(status, response.headers(), &self.request.url, &place)? else {
            return Ok(None);
        };
        self.followed += 1;
        if self.followed > most {
            let message = format!("{place} redirects on after {most} redirects");
            return Err(NodeError::new("TooManyRedirects", message));
        }
        let method = redirect::method(status, &self.request.method);
        // A secret in a body can't be left behind as one in a header is.
        let would_tell = self.request.has_secret_body && method == self.request.method;
        if would_tell && !redirect::is_same_origin(&self.request.url, &url) {
            let message = format!("{place} redirects a body that holds a secret to another host");
            return Err(NodeError::new("EgressDenied", message));
        }
        Ok(Some((method, url)))
    }

    fn place(&self) -> String {
        shown(&self.request.method, &self.request.url)
    }
}
