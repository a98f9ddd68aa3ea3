//! The HTTP API: who may call what, how often, and what is noted of it.

use std::collections::BTreeMap;

use serde_json::json;

use super::none;
use super::template::{Template, named, template};

/// Routes, by their keys, with the function behind each.
fn routes(template: &Template) -> BTreeMap<String, String> {
    let routes = template.properties("AWS::ApiGatewayV2::Route");
    let integrations = template.properties("AWS::ApiGatewayV2::Integration");
    let route = |properties: &&serde_json::Value| {
        let target = properties["Target"]["Fn::Sub"].as_str().unwrap();
        let integration = target
            .trim_start_matches("integrations/${")
            .trim_end_matches('}');
        let function = named(&integrations[integration]["IntegrationUri"]);
        (
            properties["RouteKey"].as_str().unwrap().to_owned(),
            function,
        )
    };
    routes.values().map(route).collect()
}

#[test]
fn routes_lead_to_their_functions() {
    let expected = [
        ("ANY /approvals/{proxy+}", "ApprovalFunction"),
        ("GET /", "DashboardFunction"),
        ("GET /{proxy+}", "DashboardFunction"),
        ("POST /claims", "BuilderFunction"),
        ("POST /webhook", "WebhookFunction"),
    ];
    let expected = expected.map(|(key, function)| (key.to_owned(), function.to_owned()));
    assert_eq!(routes(&template()), BTreeMap::from(expected));
}

/// Routes without a limit of their own.
fn unlimited(template: &Template) -> Vec<String> {
    let stage = &template.resource("ApiStage")["Properties"];
    let keys = routes(template).into_keys();
    let limited = |key: &String| {
        let limits = &stage["RouteSettings"][key];
        let bound = |name| {
            limits[name]
                .as_u64()
                .is_some_and(|limit| (1..=1000).contains(&limit))
        };
        bound("ThrottlingRateLimit") && bound("ThrottlingBurstLimit")
    };
    keys.filter(|key| !limited(key)).collect()
}

#[test]
fn sec_44_every_route_has_a_limit() {
    let whole = template();
    none("routes without a limit", &unlimited(&whole));
    let mut changed = whole.clone();
    let settings = &mut changed.resource_mut("ApiStage")["Properties"]["RouteSettings"];
    settings.as_object_mut().unwrap().remove("POST /claims");
    assert_eq!(unlimited(&changed), ["POST /claims"]);
    // A setting for a route that is not there yet is refused.
    let stage = whole.resource("ApiStage");
    let after = stage["DependsOn"].as_array().unwrap();
    for route in whole.resources("AWS::ApiGatewayV2::Route").keys() {
        assert!(after.contains(&json!(route)), "{route}");
    }
}

/// Only what is listed here may be noted of a request.
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html>
const NOTED: &[&str] = &[
    "$context.requestId",
    "$context.requestTimeEpoch",
    "$context.routeKey",
    "$context.status",
    "$context.identity.sourceIp",
    "$context.responseLatency",
    "$context.responseLength",
];

/// What the access log notes and should not.
fn noted_too_much(format: &str) -> Vec<String> {
    let named = format.split('$').skip(1).map(|rest| {
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '.' && c != '_');
        format!("${}", &rest[..end.unwrap_or(rest.len())])
    });
    named
        .filter(|field| !NOTED.contains(&field.as_str()))
        .collect()
}

#[test]
fn sec_37_the_access_log_has_neither_path_nor_query() {
    let template = template();
    let settings = &template.resource("ApiStage")["Properties"]["AccessLogSettings"];
    let format = settings["Format"].as_str().unwrap();
    none("noted of a request", &noted_too_much(format));
    // A line for each request, so that it can be read, and short: 400 bytes for an accepted delivery are the limit.
    let line = format.replace("$context.status", "200");
    let fields: serde_json::Value = serde_json::from_str(&line).unwrap();
    assert_eq!(fields.as_object().unwrap().len(), NOTED.len());
    assert!(format.len() < 250, "{} bytes", format.len());
    for more in [
        "$context.path",
        "$context.http.queryString",
        "$request.querystring.token",
    ] {
        assert_eq!(
            noted_too_much(&format!("{format}{more}")).len(),
            1,
            "{more}"
        );
    }
}

#[test]
fn sec_50_the_dashboard_is_for_members_of_the_account_unless_it_is_said_otherwise() {
    let template = template();
    let parameters = &template.0["Parameters"];
    assert_eq!(parameters["DashboardAccess"]["Default"], "iam");
    let public = &template.0["Conditions"]["DashboardIsPublic"];
    assert_eq!(
        public,
        &json!({ "Fn::Equals": [{ "Ref": "DashboardAccess" }, "public"] })
    );
    let guarded = json!({ "Fn::If": ["DashboardIsPublic", "NONE", "AWS_IAM"] });
    for (name, properties) in template.properties("AWS::ApiGatewayV2::Route") {
        let open = ["WebhookRoute", "ClaimsRoute", "ApprovalRoute"].contains(&name);
        let expected = if open { json!("NONE") } else { guarded.clone() };
        assert_eq!(properties["AuthorizationType"], expected, "{name}");
    }
}

/// HTTP APIs give up after 30 seconds, and a function that works on for nobody costs money.
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html>
#[test]
fn the_gateway_waits_as_long_as_the_function_may_take() {
    let template = template();
    let functions = template.properties("AWS::Serverless::Function");
    for (name, properties) in template.properties("AWS::ApiGatewayV2::Integration") {
        assert_eq!(properties["PayloadFormatVersion"], "2.0", "{name}");
        let wait = properties["TimeoutInMillis"].as_i64().unwrap();
        let function = named(&properties["IntegrationUri"]);
        let seconds = functions[function.as_str()]["Timeout"].as_i64().unwrap();
        assert_eq!(wait, (seconds * 1000).min(29_000), "{name}");
    }
}
