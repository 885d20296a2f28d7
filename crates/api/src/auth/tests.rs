//! Signatures of AWS's published examples, and what is refused.

use http::Request;

use super::*;

/// The credential of the examples.
const KEY: &str = "AKIDEXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const DATE: &str = "20150830T123600Z";
/// The examples' time.
const NOW: i64 = 1_440_938_160;

struct Example {
    method: &'static str,
    uri: &'static str,
    headers: &'static [(&'static str, &'static str)],
    signed: &'static str,
    body: &'static str,
    signature: &'static str,
}

/// AWS's Signature Version 4 test suite, and the example of its documentation.
const EXAMPLES: &[Example] = &[
    Example {
        method: "GET",
        uri: "/",
        headers: &[],
        signed: "host;x-amz-date",
        body: "",
        signature: "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
    },
    Example {
        method: "POST",
        uri: "/",
        headers: &[],
        signed: "host;x-amz-date",
        body: "",
        signature: "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
    },
    Example {
        method: "GET",
        uri: "/?Param2=value2&Param1=value1",
        headers: &[],
        signed: "host;x-amz-date",
        body: "",
        signature: "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
    },
    Example {
        method: "GET",
        uri: "/",
        headers: &[("my-header1", " value1"), ("my-header2", " \"a   b   c\"")],
        signed: "host;my-header1;my-header2;x-amz-date",
        body: "",
        signature: "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736",
    },
    Example {
        method: "POST",
        uri: "/",
        headers: &[("content-type", "application/x-www-form-urlencoded")],
        signed: "content-type;host;x-amz-date",
        body: "Param1=value1",
        signature: "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
    },
];

type Change = fn(&mut Parts);

fn request(example: &Example) -> (Parts, &'static str) {
    let mut request = Request::builder()
        .method(example.method)
        .uri(example.uri)
        .header("host", "example.amazonaws.com")
        .header("x-amz-date", DATE)
        .header(
            "authorization",
            format!(
                "AWS4-HMAC-SHA256 Credential={KEY}/20150830/us-east-1/service/aws4_request, \
                 SignedHeaders={}, Signature={}",
                example.signed, example.signature
            ),
        );
    for (name, value) in example.headers {
        request = request.header(*name, *value);
    }
    (request.body(()).unwrap().into_parts().0, example.body)
}

fn auth() -> Auth {
    let key = AccessKey {
        id: KEY.to_owned(),
        secret: SECRET.to_owned(),
        account: "123456789012".to_owned(),
    };
    Auth::new(Access::Keys(vec![key]), Caller::default())
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

/// The caller, or the code and message of the refusal.
fn check(auth: &Auth, parts: &Parts, body: &str, now: i64) -> Result<Caller, (String, String)> {
    auth.claim(parts, "service", at(now))
        .and_then(|claim| auth.verify(claim, parts, body.as_bytes(), at(now)))
        .map_err(|failure| {
            (
                failure.code.into(),
                failure.message.unwrap_or_default().into(),
            )
        })
}

#[test]
fn published_examples_are_right() {
    for example in EXAMPLES {
        let (parts, body) = request(example);
        let caller = check(&auth(), &parts, body, NOW);
        let expected = Caller {
            account: "123456789012".to_owned(),
            region: "us-east-1".to_owned(),
        };
        assert_eq!(caller, Ok(expected), "{}", example.uri);
    }
}

#[test]
fn whatever_was_changed_on_the_way_is_noticed() {
    let mismatch = "The request signature we calculated does not match";
    let changes: [(&str, Change); 5] = [
        ("method", |parts| parts.method = http::Method::PUT),
        ("path", |parts| parts.uri = "/x".parse().unwrap()),
        ("query", |parts| parts.uri = "/?a=b".parse().unwrap()),
        ("host", |parts| {
            parts
                .headers
                .insert("host", "evil.example".parse().unwrap());
        }),
        ("signature", |parts| {
            let header = parts.headers["authorization"].to_str().unwrap().to_owned();
            let header = header.replace("5fa0", "5fa1");
            parts
                .headers
                .insert("authorization", header.parse().unwrap());
        }),
    ];
    for (what, change) in changes {
        let (mut parts, body) = request(&EXAMPLES[0]);
        change(&mut parts);
        let (code, message) = check(&auth(), &parts, body, NOW).unwrap_err();
        assert_eq!(code, "InvalidSignatureException", "{what}");
        assert!(message.starts_with(mismatch), "{what}: {message}");
    }
    let (parts, _) = request(&EXAMPLES[0]);
    let (_, message) = check(&auth(), &parts, "another body", NOW).unwrap_err();
    assert!(message.starts_with(mismatch), "{message}");
}

#[test]
fn a_signature_is_good_for_five_minutes_each_way() {
    let (parts, body) = request(&EXAMPLES[0]);
    for (now, expected) in [
        (NOW + 300, None),
        (NOW - 300, None),
        (
            NOW + 301,
            Some(
                "Signature expired: 20150830T123600Z is now earlier than 20150830T123601Z (20150830T124101Z - 5 min.)",
            ),
        ),
        (
            NOW - 301,
            Some(
                "Signature not yet current: 20150830T123600Z is still later than 20150830T123559Z (20150830T123059Z + 5 min.)",
            ),
        ),
    ] {
        let refused = check(&auth(), &parts, body, now).err();
        let expected =
            expected.map(|text| ("InvalidSignatureException".to_owned(), text.to_owned()));
        assert_eq!(refused, expected);
    }
}

#[test]
fn a_signature_is_good_once() {
    let auth = auth();
    let (parts, body) = request(&EXAMPLES[0]);
    assert!(check(&auth, &parts, body, NOW).is_ok());
    let (code, message) = check(&auth, &parts, body, NOW + 1).unwrap_err();
    assert_eq!(code, "InvalidSignatureException");
    assert!(message.contains("used before"), "{message}");
}

#[test]
fn equal_requests_of_one_second_are_told_apart_by_the_sdks_header() {
    let auth = auth();
    let (mut parts, body) = request(&EXAMPLES[0]);
    for invocation in ["one", "two"] {
        let value = invocation.parse().unwrap();
        parts.headers.insert("amz-sdk-invocation-id", value);
        assert!(check(&auth, &parts, body, NOW).is_ok(), "{invocation}");
        assert!(
            check(&auth, &parts, body, NOW).is_err(),
            "{invocation} again"
        );
    }
    parts
        .headers
        .insert("amz-sdk-invocation-id", "three".parse().unwrap());
    assert!(check(&auth, &parts, body, NOW + 60).is_err());
}

#[test]
fn what_cannot_be_a_signature_is_refused_in_words() {
    let credential = format!("Credential={KEY}/20150830/us-east-1/service/aws4_request");
    let rest = "SignedHeaders=host;x-amz-date, Signature=00";
    let cases: &[(Option<String>, &str, &str)] = &[
        (
            None,
            "MissingAuthenticationTokenException",
            "Missing Authentication Token",
        ),
        (
            Some("Bearer x".to_owned()),
            "IncompleteSignatureException",
            "Unsupported AWS 'algorithm': 'Bearer'. ",
        ),
        (
            Some("AWS4-HMAC-SHA256 ".to_owned()),
            "IncompleteSignatureException",
            "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter. ",
        ),
        (
            Some(format!("AWS4-HMAC-SHA256 Credential=a/b, {rest}")),
            "IncompleteSignatureException",
            "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got 'a/b'",
        ),
        (
            Some(format!(
                "AWS4-HMAC-SHA256 {}, {rest}",
                credential.replace(KEY, "OTHER")
            )),
            "UnrecognizedClientException",
            "The security token included in the request is invalid.",
        ),
        (
            Some(format!(
                "AWS4-HMAC-SHA256 {}, {rest}",
                credential.replace("us-east-1", "US:1")
            )),
            "InvalidSignatureException",
            "Credential should be scoped to a valid region. ",
        ),
        (
            Some(format!(
                "AWS4-HMAC-SHA256 {}, {rest}",
                credential.replace("service", "s3")
            )),
            "InvalidSignatureException",
            "Credential should be scoped to correct service: 'service'. ",
        ),
        (
            Some(format!(
                "AWS4-HMAC-SHA256 {credential}, SignedHeaders=x-amz-date, Signature=00"
            )),
            "InvalidSignatureException",
            "'Host' must be a 'SignedHeader' in the AWS Authorization.",
        ),
        (
            Some(format!(
                "AWS4-HMAC-SHA256 {credential}, SignedHeaders=host, Signature=00"
            )),
            "InvalidSignatureException",
            "'x-amz-date' must be a 'SignedHeader' in the AWS Authorization.",
        ),
        (
            Some(format!(
                "AWS4-HMAC-SHA256 {}, {rest}",
                credential.replace("20150830", "20150829")
            )),
            "InvalidSignatureException",
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '20150829' != '20150830', from '20150830T123600Z'.",
        ),
    ];
    for (header, code, message) in cases {
        let (mut parts, body) = request(&EXAMPLES[0]);
        parts.headers.remove("authorization");
        if let Some(header) = header {
            parts
                .headers
                .insert("authorization", header.parse().unwrap());
        }
        let refused = check(&auth(), &parts, body, NOW).unwrap_err();
        assert_eq!(refused, ((*code).to_owned(), (*message).to_owned()));
    }
}

#[test]
fn dates_that_are_none_are_refused() {
    for date in [
        "",
        "20150830",
        "20150830T123600",
        "20150830T123600+",
        "2015083€T1236Z",
        "20151330T123600Z",
    ] {
        let (mut parts, body) = request(&EXAMPLES[0]);
        parts.headers.insert(
            "x-amz-date",
            http::HeaderValue::from_bytes(date.as_bytes()).unwrap(),
        );
        let (code, message) = check(&auth(), &parts, body, NOW).unwrap_err();
        assert_eq!(code, "IncompleteSignatureException", "{date}: {message}");
    }
}

#[test]
fn an_unchecked_credential_names_account_and_region() {
    let auth = Auth::new(Access::Open, Caller::default());
    for (header, account, region) in [
        (None, "000000000000", "us-east-1"),
        (Some("Bearer x"), "000000000000", "us-east-1"),
        (
            Some(
                "AWS4-HMAC-SHA256 Credential=test/20260101/eu-west-1/states/aws4_request, SignedHeaders=host, Signature=0",
            ),
            "000000000000",
            "eu-west-1",
        ),
        (
            Some("AWS4-HMAC-SHA256 Credential=123456789012/20260101/us-west-2/states/aws4_request"),
            "123456789012",
            "us-west-2",
        ),
    ] {
        let mut request = Request::builder();
        if let Some(header) = header {
            request = request.header("authorization", header);
        }
        let parts = request.body(()).unwrap().into_parts().0;
        let caller = check(&auth, &parts, "", NOW).unwrap();
        assert_eq!(
            (caller.account.as_str(), caller.region.as_str()),
            (account, region)
        );
    }
    let parts = Request::builder()
        .header(
            "authorization",
            "AWS4-HMAC-SHA256 Credential=a/20260101/../states/aws4_request",
        )
        .body(())
        .unwrap()
        .into_parts()
        .0;
    let (code, _) = check(&auth, &parts, "", NOW).unwrap_err();
    assert_eq!(code, "InvalidSignatureException");
}
