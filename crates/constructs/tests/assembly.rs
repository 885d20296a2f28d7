//! Cloud assemblies and the assets in them.

#![allow(clippy::unwrap_used, clippy::panic)] // a helper that fails fails its test

extern crate stepmill_constructs as stepmill;

use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use serde_json::{Value as Json, json};
use stepmill::core::{Asset, AssetOptions, Problem, SymlinkFollowMode};
use stepmill::prelude::*;

fn read(path: impl AsRef<Path>) -> Json {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// A directory with text, bytes, a directory within and a link.
fn files() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    fs::create_dir_all(root.join("lib/inner")).unwrap();
    fs::write(root.join("a.txt"), "one\r\ntwo\n").unwrap();
    fs::write(root.join("A.txt"), "one\r\ntwo\n").unwrap();
    fs::write(root.join("b.bin"), "x\0y\r\n").unwrap();
    fs::write(root.join("lib/x.js"), "exports.x = 1;\n").unwrap();
    fs::write(root.join("lib/inner/z"), "é\n").unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink("../a.txt", root.join("lib/link")).unwrap();
    directory
}

fn hash(path: &Path, options: &AssetOptions) -> String {
    let stack = Stack::new(&App::new(), "Stack");
    let asset = Asset::with_options(&stack, "Asset", path, options);
    stack.template().unwrap();
    asset.asset_hash().to_owned()
}

fn without(patterns: &[&str]) -> AssetOptions {
    AssetOptions {
        exclude: patterns.iter().map(|&pattern| pattern.to_owned()).collect(),
        ..AssetOptions::default()
    }
}

/// The hash of the same files by the CDK's own `FileSystem.fingerprint`.
#[test]
#[cfg(unix)]
fn hashes_are_the_cdks() {
    let directory = files();
    let all = AssetOptions::default();
    assert_eq!(
        hash(directory.path(), &all),
        "8ef1aef9e47120fbfd1ba213c32bb913ab584fe4518a7f08904d4e5903427ba6"
    );
    assert_eq!(
        hash(&directory.path().join("a.txt"), &all),
        "01f8e7a89814a3129df70c1c045b0b6421f26edaeaf853a4fbe7212fa6841235"
    );
}

#[test]
fn hashes_follow_what_is_published_and_nothing_else() {
    let (directory, same) = (files(), files());
    let all = hash(directory.path(), &AssetOptions::default());
    assert_eq!(all, hash(same.path(), &AssetOptions::default()));

    let excluded = hash(directory.path(), &without(&["*.bin"]));
    assert_ne!(all, excluded);
    fs::write(directory.path().join("b.bin"), "changed").unwrap();
    assert_eq!(excluded, hash(directory.path(), &without(&["*.bin"])));
    assert_ne!(all, hash(directory.path(), &AssetOptions::default()));

    // A file that was renamed is another.
    let before = hash(same.path(), &AssetOptions::default());
    fs::rename(same.path().join("lib/x.js"), same.path().join("lib/y.js")).unwrap();
    assert_ne!(before, hash(same.path(), &AssetOptions::default()));
    // One's own hash stands whatever changes.
    let own = AssetOptions {
        asset_hash: Some("version 1".to_owned()),
        ..AssetOptions::default()
    };
    let first = hash(same.path(), &own);
    fs::write(same.path().join("more"), "more").unwrap();
    assert_eq!(first, hash(same.path(), &own));
}

#[test]
fn wrong_assets_are_reported() {
    let report = |path: &Path, options: &AssetOptions| {
        let app = App::new();
        Asset::with_options(&Stack::new(&app, "Stack"), "Asset", path, options);
        app.errors()[0].to_string()
    };
    let missing = report(Path::new("/not/there"), &AssetOptions::default());
    assert_eq!(
        missing,
        "Stack/Asset: /not/there: Cannot find asset at /not/there"
    );
    let pattern = report(files().path(), &without(&["["]));
    assert!(
        pattern.starts_with("Stack/Asset: `[` is no pattern of files"),
        "{pattern}"
    );
}

#[test]
#[cfg(unix)]
fn links_are_followed_as_said() {
    let (outside, directory) = (files(), files());
    let root = directory.path();
    std::os::unix::fs::symlink(outside.path(), root.join("out")).unwrap();
    std::os::unix::fs::symlink("nowhere", root.join("broken")).unwrap();
    let staged = |follow_symlinks| {
        let app = App::new();
        let options = AssetOptions {
            follow_symlinks,
            ..AssetOptions::default()
        };
        let asset = Asset::with_options(&Stack::new(&app, "Stack"), "Asset", root, &options);
        let out = tempfile::tempdir().unwrap();
        app.synth(out.path()).unwrap();
        let staged = out.path().join(format!("asset.{}", asset.asset_hash()));
        let is_link = |name: &str| staged.join(name).is_symlink();
        assert!(is_link("broken"));
        assert_eq!(
            fs::read_to_string(staged.join("out/a.txt")).unwrap(),
            "one\r\ntwo\n"
        );
        (is_link("out"), is_link("lib/link"))
    };
    assert_eq!(staged(SymlinkFollowMode::External), (false, true));
    assert_eq!(staged(SymlinkFollowMode::Always), (false, false));
    assert_eq!(staged(SymlinkFollowMode::Never), (true, true));
    assert_eq!(staged(SymlinkFollowMode::BlockExternal), (true, false));

    // A link that leads back would have no end.
    std::os::unix::fs::symlink("..", root.join("lib/back")).unwrap();
    let app = App::new();
    let options = AssetOptions {
        follow_symlinks: SymlinkFollowMode::Always,
        ..AssetOptions::default()
    };
    Asset::with_options(&Stack::new(&app, "Stack"), "Asset", root, &options);
    assert!(
        app.errors()[0]
            .to_string()
            .ends_with("a symbolic link in it leads back to it")
    );
}

/// An app with a machine that calls a function of files.
fn app(app: App, directory: &Path) -> App {
    let stack = Stack::new(&app, "Orders");
    let code = Code::from_asset_with_options(directory, without(&["*.bin"]));
    let function = Function::new(&stack, "Fn", &Runtime::NODEJS_22_X, "index.handler", code);
    StateMachine::new(
        &stack,
        "Machine",
        LambdaInvoke::new(&stack, "Call", &function),
    );
    app
}

#[test]
fn legacy_assemblies_ask_for_assets_by_parameters() {
    let (files, out) = (files(), tempfile::tempdir().unwrap());
    let assembly = app(App::new(), files.path()).synth(out.path()).unwrap();
    let manifest = read(out.path().join("manifest.json"));
    assert_eq!(manifest["version"], "21.0.0");
    let stack = &manifest["artifacts"]["Orders"];
    assert_eq!(stack["type"], "aws:cloudformation:stack");
    assert_eq!(stack["environment"], "aws://unknown-account/unknown-region");
    assert_eq!(
        stack["properties"],
        json!({"templateFile": "Orders.template.json", "validateOnSynth": false})
    );
    let asset = &stack["metadata"]["/Orders"][0];
    assert_eq!(asset["type"], "aws:cdk:asset");
    let hash = asset["data"]["id"].as_str().unwrap();
    assert_eq!(asset["data"]["path"], format!("asset.{hash}"));
    assert_eq!(asset["data"]["packaging"], "zip");
    let template = read(out.path().join("Orders.template.json"));
    for parameter in [
        "s3BucketParameter",
        "s3KeyParameter",
        "artifactHashParameter",
    ] {
        let id = asset["data"][parameter].as_str().unwrap();
        assert_eq!(template["Parameters"][id]["Type"], "String", "{parameter}");
    }
    let code = &template["Resources"]["Fn9270CBC0"]["Properties"]["Code"];
    assert_eq!(code["S3Bucket"]["Ref"], asset["data"]["s3BucketParameter"]);
    assert_eq!(
        stack["metadata"]["/Orders/Fn/Resource"],
        json!([{"type": "aws:cdk:logicalId", "data": "Fn9270CBC0"}])
    );
    assert_eq!(template, assembly.templates()[0].body);
    assert_eq!(
        read(assembly.template_file(&assembly.templates()[0])),
        template
    );

    let staged = out.path().join(format!("asset.{hash}"));
    assert_eq!(
        fs::read_to_string(staged.join("lib/inner/z")).unwrap(),
        "é\n"
    );
    assert!(!staged.join("b.bin").exists());
}

#[test]
fn definitions_stand_beside_their_templates() {
    let (files, out) = (files(), tempfile::tempdir().unwrap());
    let assembly = app(App::new(), files.path()).synth(out.path()).unwrap();
    let [definition] = assembly.definitions() else {
        panic!("{:?}", assembly.definitions())
    };
    assert_eq!(definition.logical_id, "Machine6FC8AE80");
    assert_eq!(
        definition.file,
        out.path().join("Orders.Machine6FC8AE80.asl.json")
    );
    let definition = read(&definition.file);
    assert_eq!(definition["StartAt"], "Call");
    let parameters = &definition["States"]["Call"]["Parameters"];
    assert_eq!(parameters["FunctionName"], "${GetAtt:Fn9270CBC0.Arn}");
}

#[test]
fn default_assemblies_know_where_assets_are() {
    let (files, out) = (files(), tempfile::tempdir().unwrap());
    let new_style = App::new().feature(Feature::NewStyleStackSynthesis);
    app(new_style, files.path()).synth(out.path()).unwrap();
    let manifest = read(out.path().join("manifest.json"));
    assert_eq!(
        manifest["artifacts"]["Orders.assets"],
        json!({"type": "cdk:asset-manifest", "properties": {
            "file": "Orders.assets.json",
            "requiresBootstrapStackVersion": 6,
            "bootstrapStackVersionSsmParameter": "/cdk-bootstrap/hnb659fds/version",
        }})
    );
    let assets = read(out.path().join("Orders.assets.json"));
    let files = assets["files"].as_object().unwrap();
    assert_eq!(files.len(), 2);
    let (code, code_file) = files.iter().next().unwrap();
    assert_eq!(
        *code_file,
        json!({
            "source": {"path": format!("asset.{code}"), "packaging": "zip"},
            "destinations": {"current_account-current_region": {
                "bucketName": "cdk-hnb659fds-assets-${AWS::AccountId}-${AWS::Region}",
                "objectKey": format!("{code}.zip"),
                "assumeRoleArn": "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/cdk-hnb659fds-file-publishing-role-${AWS::AccountId}-${AWS::Region}",
            }},
        })
    );
    let (template_hash, template_file) = files.iter().nth(1).unwrap();
    assert_eq!(template_file["source"]["path"], "Orders.template.json");
    let bucket = "cdk-hnb659fds-assets-${AWS::AccountId}-${AWS::Region}";
    let role = |name: &str| {
        format!(
            "arn:${{AWS::Partition}}:iam::${{AWS::AccountId}}:role/cdk-hnb659fds-{name}-${{AWS::AccountId}}-${{AWS::Region}}"
        )
    };
    let stack = &manifest["artifacts"]["Orders"];
    assert_eq!(stack["dependencies"], json!(["Orders.assets"]));
    assert_eq!(
        stack["properties"],
        json!({
            "templateFile": "Orders.template.json",
            "validateOnSynth": false,
            "assumeRoleArn": role("deploy-role"),
            "cloudFormationExecutionRoleArn": role("cfn-exec-role"),
            "stackTemplateAssetObjectUrl": format!("s3://{bucket}/{template_hash}.json"),
            "requiresBootstrapStackVersion": 6,
            "bootstrapStackVersionSsmParameter": "/cdk-bootstrap/hnb659fds/version",
            "additionalDependencies": ["Orders.assets"],
            "lookupRole": {
                "arn": role("lookup-role"),
                "requiresBootstrapStackVersion": 8,
                "bootstrapStackVersionSsmParameter": "/cdk-bootstrap/hnb659fds/version",
            },
        })
    );
    let template = read(out.path().join("Orders.template.json"));
    let properties = &template["Resources"]["Fn9270CBC0"]["Properties"];
    assert_eq!(
        properties["Code"],
        json!({"S3Bucket": {"Fn::Sub": bucket}, "S3Key": format!("{code}.zip")})
    );
    assert_eq!(
        template["Parameters"]["BootstrapVersion"]["Default"],
        "/cdk-bootstrap/hnb659fds/version"
    );
    assert_eq!(
        template["Rules"]["CheckBootstrapVersion"]["Assertions"][0]["Assert"],
        json!({"Fn::Not": [{"Fn::Contains": [["1", "2", "3", "4", "5"], {"Ref": "BootstrapVersion"}]}]})
    );
}

#[test]
fn places_are_written_out_as_far_as_they_are_known() {
    let (files, out) = (files(), tempfile::tempdir().unwrap());
    let app = App::new()
        .feature(Feature::Version2)
        .bootstrap_qualifier("orders");
    let environment = Environment::new("111122223333", "eu-central-1");
    let stack = Stack::with_environment(&app, "Orders", environment);
    let asset = Asset::new(&stack, "Asset", files.path());
    let hash = asset.asset_hash();
    let bucket = "cdk-orders-assets-111122223333-eu-central-1";
    assert_eq!(asset.s3_bucket_name().as_literal(), Some(bucket));
    let url = format!("s3://{bucket}/{hash}.zip");
    assert_eq!(asset.s3_object_url().as_literal(), Some(url.as_str()));
    app.synth(out.path()).unwrap();
    let assets = read(out.path().join("Orders.assets.json"));
    let destination = &assets["files"][hash]["destinations"]["111122223333-eu-central-1"];
    assert_eq!(destination["region"], "eu-central-1");
    let manifest = read(out.path().join("manifest.json"));
    assert_eq!(
        manifest["artifacts"]["Orders"]["environment"],
        "aws://111122223333/eu-central-1"
    );
}

#[test]
fn an_app_with_mistakes_writes_nothing() {
    let out = tempfile::tempdir().unwrap();
    let place = out.path().join("cdk.out");
    let app = App::new();
    let stack = Stack::new(&app, "Orders");
    Queue::new(&stack, "Queue");
    Queue::new(&stack, "Queue");
    let errors = app.synth(&place).unwrap_err();
    assert!(
        errors
            .to_string()
            .contains("There is already a construct with name 'Queue'")
    );
    assert!(!place.exists());
}

#[test]
fn a_synthesis_that_fails_leaves_no_assembly() {
    let (files, out) = (files(), tempfile::tempdir().unwrap());
    let make = || app(App::new(), files.path());
    make().synth(out.path()).unwrap();
    assert!(out.path().join("manifest.json").exists());
    // The template cannot take the place of a directory.
    fs::remove_file(out.path().join("Orders.template.json")).unwrap();
    fs::create_dir(out.path().join("Orders.template.json")).unwrap();
    let errors = make().synth(out.path()).unwrap_err();
    assert!(
        matches!(errors.0[0].problem, Problem::File { .. }),
        "{errors}"
    );
    assert!(!out.path().join("manifest.json").exists());
    // When it can again, nothing of the failed one is left.
    fs::remove_dir(out.path().join("Orders.template.json")).unwrap();
    make().synth(out.path()).unwrap();
    let names = fs::read_dir(out.path()).unwrap();
    let left = names.filter(|name| {
        name.as_ref()
            .unwrap()
            .file_name()
            .to_string_lossy()
            .ends_with(".partial")
    });
    assert_eq!(left.count(), 0);
}

#[test]
fn files_that_are_what_they_were_are_left_as_they_are() {
    let files = files();
    let out = tempfile::tempdir().unwrap();
    let synthesize = || app(App::new(), files.path()).synth(out.path()).unwrap();
    synthesize();
    let place = out.path().join("Orders.template.json");
    let before = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000);
    let file = fs::File::options().write(true).open(&place).unwrap();
    file.set_modified(before).unwrap();
    let modified = || fs::metadata(&place).unwrap().modified().unwrap();
    synthesize();
    assert_eq!(modified(), before);
    let content = fs::read_to_string(&place).unwrap();
    fs::write(&place, content.replace('{', "[")).unwrap();
    synthesize();
    assert_eq!(fs::read_to_string(&place).unwrap(), content);
}

#[test]
fn assemblies_of_one_app_are_equal() {
    let files = files();
    let synthesize = || {
        let out = tempfile::tempdir().unwrap();
        app(App::new(), files.path()).synth(out.path()).unwrap();
        let text = |name: &str| fs::read_to_string(out.path().join(name)).unwrap();
        (text("manifest.json"), text("Orders.template.json"))
    };
    assert_eq!(synthesize(), synthesize());
}
