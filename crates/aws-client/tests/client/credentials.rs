//! Where credentials are found.

use std::fs;
use std::path::Path;

use serde_json::json;
use stepmill_aws_client::{
    CallError, Client, Config, CredentialError, Credentials, Environment, Provider, Role,
};
use tempfile::TempDir;

use crate::responder::{Responder, answer};
use crate::{call, config};

/// A home directory with AWS's files.
struct Home(TempDir);

impl Home {
    fn new(config: &str, credentials: &str) -> Self {
        let home = tempfile::tempdir().unwrap();
        let aws = home.path().join(".aws");
        fs::create_dir_all(aws.join("sso/cache")).unwrap();
        fs::write(aws.join("config"), config).unwrap();
        fs::write(aws.join("credentials"), credentials).unwrap();
        Self(home)
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    /// What the chain finds with these variables, the services being at `endpoint`.
    async fn find(
        &self,
        endpoint: &str,
        variables: &[(&str, &str)],
    ) -> Result<Credentials, CredentialError> {
        let always = [("AWS_EC2_METADATA_DISABLED", "true")];
        let variables = always.iter().chain(variables);
        let variables = variables.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let environment = Environment::new(variables, Some(self.path().to_owned()));
        let client = Client::new(Config {
            credentials: Provider::none(),
            ..config(endpoint)
        });
        Provider::chain(environment).credentials(&client).await
    }
}

/// What STS answers.
fn assumed(key: &str) -> String {
    let body = format!(
        "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>{key}</AccessKeyId>\
         <SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>\
         <Expiration>2100-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>"
    );
    answer(200, "", &body)
}

#[tokio::test]
async fn variables_come_first() {
    let home = Home::new(
        "",
        "[default]\naws_access_key_id=file\naws_secret_access_key=x\n",
    );
    let variables = [
        ("AWS_ACCESS_KEY_ID", "key"),
        ("AWS_SECRET_ACCESS_KEY", "secret"),
        ("AWS_SESSION_TOKEN", "token"),
    ];
    let found = home.find("http://x", &variables).await.unwrap();
    assert_eq!(found.access_key_id, "key");
    assert_eq!(found.session_token.unwrap().expose(), "token");
    let found = home.find("http://x", &[]).await.unwrap();
    assert_eq!(found.access_key_id, "file");
    let error = home.find("http://x", &variables[..1]).await.unwrap_err();
    assert!(
        error.to_string().contains("AWS_SECRET_ACCESS_KEY"),
        "{error}"
    );
}

#[tokio::test]
async fn nothing_configured_is_said_at_once() {
    let home = Home::new("", "");
    let error = home.find("http://x", &[]).await.unwrap_err();
    let text = error.to_string();
    assert!(
        text.starts_with("there are no AWS credentials (looked for in: "),
        "{text}"
    );
    assert!(text.contains("set AWS_ACCESS_KEY_ID"), "{text}");
    let client = Client::new(Config {
        credentials: Provider::none(),
        ..config("http://x")
    });
    let error = call(&client, "dynamodb", "ListTables", json!({}))
        .await
        .unwrap_err();
    assert!(matches!(error, CallError::Credentials { .. }), "{error}");
}

#[tokio::test]
async fn a_profile_assumes_roles_in_a_row() {
    let sts = Responder::new(vec![assumed("first"), assumed("second")]).await;
    let home = Home::new(
        "[profile a]\nrole_arn=arn:aws:iam::1:role/a\nsource_profile=b\nexternal_id=x\n\
         [profile b]\nrole_arn=arn:aws:iam::1:role/b\nsource_profile=c\nrole_session_name=s\n\
         [profile circle]\nrole_arn=r\nsource_profile=circle2\n\
         [profile circle2]\nrole_arn=r\nsource_profile=circle\n",
        "[c]\naws_access_key_id=base\naws_secret_access_key=x\n",
    );
    let found = home
        .find(&sts.url(), &[("AWS_PROFILE", "a")])
        .await
        .unwrap();
    assert_eq!(found.access_key_id, "second");
    assert_eq!(found.expires.unwrap().to_string(), "2100-01-01T00:00:00Z");
    let asked = sts.asked();
    assert!(asked[0].contains("Credential=base/") && asked[0].contains("RoleSessionName=s"));
    assert!(asked[1].contains("Credential=first/") && asked[1].contains("ExternalId=x"));
    assert!(asked[1].contains("x-amz-security-token: t"));
    let error = home
        .find("http://x", &[("AWS_PROFILE", "circle")])
        .await
        .unwrap_err();
    assert!(matches!(error, CredentialError::Circle { .. }), "{error}");
}

#[tokio::test]
async fn a_role_is_assumed_once_for_many_calls() {
    let sts = Responder::new(vec![assumed("role"), answer(200, "", "{}")]).await;
    let config = config(&sts.url());
    let role = Role::new("arn:aws:iam::1:role/r", "s");
    let client = Client::new(Config {
        credentials: Provider::role(role, config.credentials.clone()),
        ..config
    });
    for _ in 0..2 {
        call(&client, "dynamodb", "ListTables", json!({}))
            .await
            .unwrap();
    }
    let asked = sts.asked();
    assert_eq!(asked.len(), 3);
    assert!(asked[2].contains("Credential=role/"), "{}", asked[2]);
}

#[tokio::test]
async fn a_role_that_is_refused_is_said_with_the_reason() {
    let body = "<ErrorResponse><Error><Code>AccessDenied</Code><Message>not you</Message></Error></ErrorResponse>";
    let sts = Responder::new(vec![answer(403, "", body)]).await;
    let config = config(&sts.url());
    let role = Role::new("arn:aws:iam::1:role/r", "s");
    let client = Client::new(Config {
        credentials: Provider::role(role, config.credentials.clone()),
        ..config
    });
    let error = call(&client, "dynamodb", "ListTables", json!({}))
        .await
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("the role arn:aws:iam::1:role/r cannot be assumed: AccessDenied: not you"),
        "{error}"
    );
}

#[tokio::test]
async fn a_web_identity_needs_no_credentials() {
    let body = assumed("web").replace("AssumeRoleRe", "AssumeRoleWithWebIdentityRe");
    let body = body.split_once("\r\n\r\n").unwrap().1.to_owned();
    let sts = Responder::new(vec![answer(200, "", &body)]).await;
    let home = Home::new("", "");
    let token = home.path().join("token");
    fs::write(&token, "jwt\n").unwrap();
    let token = token.to_string_lossy().into_owned();
    let variables = [
        ("AWS_WEB_IDENTITY_TOKEN_FILE", token.as_str()),
        ("AWS_ROLE_ARN", "arn:r"),
    ];
    let found = home.find(&sts.url(), &variables).await.unwrap();
    assert_eq!(found.access_key_id, "web");
    let asked = sts.asked().remove(0);
    assert!(
        asked.contains("WebIdentityToken=jwt") && !asked.contains("authorization"),
        "{asked}"
    );
}

#[cfg(unix)]
#[tokio::test]
async fn a_program_prints_them() {
    let good = r#"echo '{"Version":1,"AccessKeyId":"printed","SecretAccessKey":"s"}'"#;
    let config = format!(
        "[profile a]\ncredential_process={good}\n[profile b]\ncredential_process=exit 3\n\
         [profile c]\ncredential_process=echo s3cret\n"
    );
    let home = Home::new(&config, "");
    let found = home
        .find("http://x", &[("AWS_PROFILE", "a")])
        .await
        .unwrap();
    assert_eq!(found.access_key_id, "printed");
    let error = home
        .find("http://x", &[("AWS_PROFILE", "b")])
        .await
        .unwrap_err();
    assert!(error.to_string().contains('3'), "{error}");
    let error = home
        .find("http://x", &[("AWS_PROFILE", "c")])
        .await
        .unwrap_err();
    assert!(!format!("{error} {error:?}").contains("s3cret"), "{error}");
}

#[tokio::test]
async fn who_is_signed_in_gets_them() {
    let body = r#"{"roleCredentials":{"accessKeyId":"sso","secretAccessKey":"s","sessionToken":"t","expiration":4102444800000}}"#;
    let sso = Responder::new(vec![answer(200, "", body)]).await;
    let home = Home::new(
        "[profile a]\nsso_session=my\nsso_account_id=1\nsso_role_name=R\n\
         [sso-session my]\nsso_start_url=https://u\nsso_region=eu-west-1\n",
        "",
    );
    let error = home
        .find(&sso.url(), &[("AWS_PROFILE", "a")])
        .await
        .unwrap_err();
    assert!(
        error.to_string().ends_with("run aws sso login --profile a"),
        "{error}"
    );
    // The SHA-1 of "my".
    let cache = home
        .path()
        .join(".aws/sso/cache/3ece1471f44f63177cbc35ba0b904e0c096b6783.json");
    let token = r#"{"accessToken":"tok","expiresAt":"2100-01-01T00:00:00Z"}"#;
    fs::write(cache, token).unwrap();
    let found = home
        .find(&sso.url(), &[("AWS_PROFILE", "a")])
        .await
        .unwrap();
    assert_eq!(found.access_key_id, "sso");
    let asked = sso.asked().remove(0);
    assert!(asked.contains("x-amz-sso_bearer_token: tok"), "{asked}");
    assert!(
        asked.starts_with("GET /federation/credentials?role_name=R&account_id=1 "),
        "{asked}"
    );
}

const OFFERED: &str = r#"{"AccessKeyId":"near","SecretAccessKey":"s","Token":"t","Expiration":"2100-01-01T00:00:00Z"}"#;

#[tokio::test]
async fn a_container_is_offered_them() {
    let service = Responder::new(vec![answer(200, "", OFFERED)]).await;
    let url = format!("{}/creds", service.url());
    let variables = [
        ("AWS_CONTAINER_CREDENTIALS_FULL_URI", url.as_str()),
        ("AWS_CONTAINER_AUTHORIZATION_TOKEN", "pod"),
    ];
    let home = Home::new("", "");
    let found = home.find("http://x", &variables).await.unwrap();
    assert_eq!(found.access_key_id, "near");
    assert!(service.asked()[0].contains("authorization: pod"));
    // The token goes to nobody else.
    let far = [(
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        "http://example.com/creds",
    )];
    let error = home.find("http://x", &far).await.unwrap_err();
    assert!(matches!(error, CredentialError::Refused { .. }), "{error}");
}

#[tokio::test]
async fn an_instance_is_offered_them() {
    let service = Responder::new(vec![
        answer(200, "", "imds-token"),
        answer(200, "", "the-role\n"),
        answer(200, "", OFFERED),
    ])
    .await;
    let home = Home::new("", "");
    let url = service.url();
    let variables = [
        ("AWS_EC2_METADATA_DISABLED", "false"),
        ("AWS_EC2_METADATA_SERVICE_ENDPOINT", url.as_str()),
    ];
    let found = home.find("http://x", &variables).await.unwrap();
    assert_eq!(found.access_key_id, "near");
    let asked = service.asked();
    assert!(asked[0].starts_with("PUT /latest/api/token "));
    assert!(asked[2].starts_with("GET /latest/meta-data/iam/security-credentials/the-role "));
    assert!(asked[2].contains("x-aws-ec2-metadata-token: imds-token"));
}
