//! Purpose: what somebody may do in a repository, asked by the name that they have now.

use axum::http::StatusCode;
use serde_json::json;

use super::{Role, User, shapes};
use crate::answer::Answer;
use crate::routes::Call;

/// The base role, the role's own name, and whether the person was let in.
struct Standing {
    permission: &'static str,
    role: &'static str,
    admitted: bool,
}

/// <https://docs.github.com/en/rest/collaborators/collaborators#get-repository-permissions-for-a-user>
pub(super) fn permission(call: &Call) -> Answer {
    let Some((user, standing)) = find(call) else {
        let why = format!("{} is not a user", call.part("username"));
        return Answer::error(StatusCode::NOT_FOUND, &why);
    };
    let mut shown = shapes::user(&call.world.api, &user);
    let may = |least: &[&str]| least.contains(&standing.role);
    shown["role_name"] = standing.role.into();
    shown["permissions"] = json!({
        "admin": may(&["admin"]),
        "maintain": may(&["admin", "maintain"]),
        "push": may(&["admin", "maintain", "write"]),
        "triage": may(&["admin", "maintain", "write", "triage"]),
        "pull": standing.permission != "none",
    });
    Answer::json(&json!({
        "permission": standing.permission,
        "role_name": standing.role,
        "user": shown,
    }))
}

/// <https://docs.github.com/en/rest/collaborators/collaborators#check-if-a-user-is-a-repository-collaborator>
pub(super) fn collaborator(call: &Call) -> Answer {
    match find(call) {
        Some((_, standing)) if standing.admitted => Answer::no_content(),
        _ => Answer::not_found(),
    }
}

/// Names are compared without regard to case.
fn find(call: &Call) -> Option<(User, Standing)> {
    let state = call.world.state();
    let said = &state.conversations;
    let mut users = said.users.values();
    let user = users.find(|user| user.login.eq_ignore_ascii_case(call.part("username")))?;
    let role = said.roles.get(&(call.repository.id, user.id));
    // `maintain` and `triage` have no base role of their own.
    let (permission, name) = match role {
        Some(Role::Admin) => ("admin", "admin"),
        Some(Role::Maintain) => ("write", "maintain"),
        Some(Role::Write) => ("write", "write"),
        Some(Role::Triage) => ("read", "triage"),
        Some(Role::Read) => ("read", "read"),
        None if call.repository.public => ("read", "read"),
        None => ("none", "none"),
    };
    let standing = Standing {
        permission,
        role: name,
        admitted: role.is_some(),
    };
    Some((user.clone(), standing))
}
