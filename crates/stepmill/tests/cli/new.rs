//! `stepmill new`. That a new project builds and passes its tests is tried by `cargo xtask test`.

use std::fs;
use std::path::Path;

use crate::support::Directory;

#[test]
fn a_project_is_made_with_its_names_filled_in() {
    let directory = Directory::new();
    directory
        .run(&["new", "order-pipeline"])
        .expect(0, &["cargo test", "stepmill run ."]);
    let project = directory.path("order-pipeline");
    let read = |file: &str| fs::read_to_string(project.join(file)).unwrap();
    assert!(read("Cargo.toml").contains("name = \"order-pipeline\"\n"));
    assert!(
        read("Cargo.toml")
            .contains("stepmill = { git = \"https://github.com/stepmill/stepmill\" }")
    );
    assert!(
        read("src/main.rs")
            .contains("order_pipeline::workflow(&Stack::new(&app, \"OrderPipeline\"));")
    );
    assert!(read("stepmill.toml").contains("name = \"order-pipeline\""));
    assert!(read(".gitignore").contains("cdk.out"));
    for file in files(&project) {
        assert!(
            !fs::read_to_string(&file).unwrap().contains("{{"),
            "{}",
            file.display()
        );
    }
}

#[test]
fn what_is_there_stays_and_names_are_checked() {
    let directory = Directory::new().with("shop/a.txt", "mine");
    directory
        .run(&["new", "shop"])
        .expect(2, &["shop is there already"]);
    directory.run(&["new", "Shop2"]).expect(
        2,
        &["'Shop2' cannot name a project", "--name order-pipeline"],
    );
    directory
        .run(&["new", "Shop2", "--name", "shop"])
        .expect(0, &[]);
    directory
        .run(&["new", "other", "--stepmill", "nowhere"])
        .expect(2, &["nowhere: no checkout of Stepmill"]);
}

fn files(directory: &Path) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| {
            if path.is_dir() {
                files(&path)
            } else {
                vec![path]
            }
        })
        .collect()
}
