//! Purpose: the approval function: the page of one approval, signing in, and the decision.
//!
//! The link locates; a GET shows and never changes anything. A decision takes the code of that person's own mail, a POST
//! from this very page, and that the person is designated at that moment. A comment on GitHub decides as well ([`comment`]).

mod comment;
mod decide;
mod form;
mod located;
mod page;
mod place;
mod refusal;
mod session;

#[cfg(test)]
mod tests;

use engine::ports::{
    Clock, Doorbells, Inbox, Journal, Keys, People, PullRequests, Repositories, Sources,
};
use lambda_http::http::{HeaderValue, Method, StatusCode, header};
use lambda_http::{Body, Request, Response};

pub use comment::handle as doorbells;
pub use decide::{Ask, Decided, MAX_REASON_CHARS, SUFFIX_CHARS, decide_with_code};
pub use form::MAX_BODY;
pub use refusal::Refusal;
pub use session::SESSION_SECONDS;

use decide::{Named, Wish};
use form::Form;
use located::Located;
use page::Notice;
use place::{Action, Place};

/// What the function may touch.
#[derive(Clone, Copy)]
pub struct Deps<'a> {
    pub journal: &'a dyn Journal,
    pub inbox: &'a dyn Inbox,
    pub clock: &'a dyn Clock,
    pub doorbells: &'a dyn Doorbells,
    pub sources: &'a dyn Sources,
    pub people: &'a dyn People,
    pub repositories: &'a dyn Repositories,
    pub keys: &'a dyn Keys,
    /// Where comments are, by which people decide; without it nobody does.
    pub host: Option<&'a dyn PullRequests>,
    /// Where the approval pages are, `https://ci.example.org`: the only origin that forms are taken from.
    pub base_url: &'a str,
}

/// Answers every request below `/approvals/`.
pub async fn handle(deps: &Deps<'_>, request: Request, call: &str) -> Response<Body> {
    let answered = answer(deps, &request, call).await;
    let mut response = answered.unwrap_or_else(|refusal| page::refused(&refusal));
    if request.method() == Method::HEAD {
        *response.body_mut() = Body::Empty;
    }
    response
}

async fn answer(deps: &Deps<'_>, request: &Request, call: &str) -> Result<Response<Body>, Refusal> {
    let (place, action) = Place::parse(request.uri().path()).ok_or(Refusal::Unknown)?;
    match (action, request.method()) {
        (Action::Look, &Method::GET | &Method::HEAD) => {
            let located = Located::by_link(deps, &place).await?;
            let cookie = session::cookie(request.headers());
            page::approval(deps, &place, &located, cookie, None).await
        }
        (_, &Method::GET | &Method::HEAD) => Ok(pages::redirect(&place.path())),
        (Action::SignIn | Action::Decide, &Method::POST) => {
            let form = Form::read(request, deps.base_url)?;
            let located = Located::by_link(deps, &place).await?;
            match action {
                Action::SignIn => sign_in(deps, &place, &located, &form).await,
                _ => decide(deps, &place, &located, request, &form, call).await,
            }
        }
        (action, _) => Ok(not_allowed(action)),
    }
}

async fn sign_in(
    deps: &Deps<'_>,
    place: &Place,
    located: &Located,
    form: &Form,
) -> Result<Response<Body>, Refusal> {
    let code = located.recipient().code(deps.keys).await?;
    if !code.matches(form.get("code")) {
        tracing::info!(stream = %located.stream, person = %located.person, "a wrong code");
        let notice = Notice::of(&Refusal::WrongCode);
        return page::approval(deps, place, located, None, Some(notice)).await;
    }
    let value = session::open(deps.keys, located, deps.clock.now()).await?;
    let mut response = pages::redirect(&place.path());
    let cookie = HeaderValue::from_str(&session::set_cookie(&value))
        .map_err(|_| engine::Fault::Malformed("a session is no header".to_owned()))?;
    response.headers_mut().insert(header::SET_COOKIE, cookie);
    Ok(response)
}

async fn decide(
    deps: &Deps<'_>,
    place: &Place,
    located: &Located,
    request: &Request,
    form: &Form,
    call: &str,
) -> Result<Response<Body>, Refusal> {
    let cookie = session::cookie(request.headers());
    let outcome = async {
        let session = session::check(deps.keys, located, cookie, deps.clock.now())
            .await?
            .ok_or(Refusal::NotSignedIn)?;
        let csrf = session.csrf(deps.keys).await?;
        if !engine::approvals::same(csrf.as_bytes(), form.get("csrf").as_bytes()) {
            return Err(Refusal::Foreign);
        }
        let approve = match form.get("decision") {
            "approve" => true,
            "reject" => false,
            _ => return Err(Refusal::Unreadable("it says neither approve nor reject")),
        };
        let wish = Wish {
            approve,
            reason: form.get("reason"),
            release: Named::End(form.get("release")),
        };
        decide::decide(deps, located, &wish, call).await
    };
    match outcome.await {
        Ok(_) => Ok(pages::redirect(&place.path())),
        Err(refusal @ (Refusal::Unknown | Refusal::Fault(_) | Refusal::Unsure(_))) => Err(refusal),
        Err(refusal) => {
            tracing::info!(stream = %located.stream, person = %located.person, %refusal, "no decision");
            let notice = Notice::keeping(&refusal, form);
            // Somebody else may have been faster: the page shows how it stands now.
            let located = Located::by_link(deps, place).await?;
            page::approval(deps, place, &located, cookie, Some(notice)).await
        }
    }
}

fn not_allowed(action: Action) -> Response<Body> {
    let allowed = match action {
        Action::Look => "GET, HEAD",
        Action::SignIn | Action::Decide => "GET, HEAD, POST",
    };
    let text = "This page is opened with GET; its forms are sent with POST.";
    let mut response = pages::plain(StatusCode::METHOD_NOT_ALLOWED, text);
    response
        .headers_mut()
        .insert(header::ALLOW, HeaderValue::from_static(allowed));
    response
}
