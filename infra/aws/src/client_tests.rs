#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::error::ErrorMetadata;

use super::*;

type Error = SdkError<ErrorMetadata, HttpResponse>;

fn said(status: u16, code: &str) -> Error {
    let mut response = HttpResponse::new(StatusCode::try_from(status).unwrap(), SdkBody::empty());
    response.headers_mut().insert("x-amzn-requestid", "r-1");
    let metadata = ErrorMetadata::builder()
        .code(code)
        .message("to dora@example.org")
        .build();
    SdkError::service_error(metadata, response)
}

#[test]
fn an_error_says_what_was_asked_and_whether_to_ask_again() {
    let asked = |error: &Error| fault("SQS SendMessage", error);
    let timeout = Error::timeout_error("3 s");
    assert_eq!(
        asked(&timeout),
        Fault::Unavailable("SQS SendMessage did not answer in time".to_owned())
    );
    let refused = Error::dispatch_failure(ConnectorError::io("refused".into()));
    assert!(asked(&refused).is_transient());
    // What is behind it is said, too.
    let text = asked(&refused).to_string();
    assert!(text.ends_with(": refused"), "{text}");
    assert_eq!(
        asked(&said(500, "InternalFailure")),
        Fault::Unavailable("SQS SendMessage answered InternalFailure (request r-1)".to_owned())
    );
    assert!(asked(&said(400, "ThrottlingException")).is_transient());
    assert!(asked(&said(400, "TransactionConflictException")).is_transient());
    assert_eq!(
        asked(&said(400, "ValidationException")),
        Fault::Malformed("SQS SendMessage refused: ValidationException (request r-1)".to_owned())
    );
}

#[test]
fn a_missing_permission_quarantines_no_stream_and_is_explained() {
    let Fault::Unavailable(text) = fault("KMS Sign", &said(400, "AccessDeniedException")) else {
        panic!("it is not the stream's fault");
    };
    assert!(
        text.starts_with("KMS Sign is not set up: AccessDeniedException: "),
        "{text}"
    );
}
