//! The strict server that other crates' tests use: does AWS's own client find it right?

use std::path::Path;

use crate::python::Server;

#[test]
fn the_strict_server_is_right_for_boto3() {
    let Some(mut command) = Server::command("the strict server") else {
        return;
    };
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/strict");
    let status = command
        .arg(directory.join("test_server.py"))
        .status()
        .unwrap();
    assert!(status.success());
}
