//! A few kill rounds against the server as the tests of the workspace build it.

#![allow(clippy::unwrap_used)] // what helps a test may fail it

use std::path::{Path, PathBuf};
use std::process::Command;

use stepmill_load::kill::{Plan, run};

#[test]
fn nothing_acknowledged_is_lost() {
    let plan = Plan {
        binary: binary(),
        rounds: 10,
        seed: 7,
        life: 600,
    };
    let report = run(&plan).unwrap();
    println!("{report}");
    assert!(report.is_clean(), "{report}");
    let (starts, stops, tokens) = report.acknowledged();
    assert!(starts > 100 && stops > 0 && tokens > 0, "{report}");
}

/// The server, beside this test. The workspace's tests build it; these tests alone do it here.
fn binary() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let profile = test.parent().and_then(Path::parent).unwrap();
    let name = format!("stepmill{}", std::env::consts::EXE_SUFFIX);
    let binary = profile.join(name);
    if !binary.exists() {
        let built = Command::new(env!("CARGO"))
            .args(["build", "--package", "stepmill"])
            .status();
        assert!(built.unwrap().success());
    }
    binary
}
