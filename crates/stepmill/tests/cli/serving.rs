//! A server for the test.

use std::io::{BufRead, BufReader, Lines};
use std::process::{Child, ChildStderr, Command, ExitStatus, Stdio};

use crate::support::{Directory, Ran};

/// A server that runs until it is dropped.
pub(crate) struct Serving<'d> {
    directory: &'d Directory,
    process: Child,
    err: Lines<BufReader<ChildStderr>>,
    /// What it said when it listened.
    pub(crate) said: String,
    pub(crate) url: String,
}

impl Directory {
    /// Starts a server on a free port; returns when it listens.
    pub(crate) fn serve(&self, variables: &[(&str, &str)], args: &[&str]) -> Serving<'_> {
        let mut command = self.command(&[&["serve", "--port", "0"], args].concat());
        let mut process = command
            .envs(variables.iter().copied())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut out = BufReader::new(process.stdout.take().unwrap());
        let err = BufReader::new(process.stderr.take().unwrap()).lines();
        let mut said = String::new();
        // The last line of what it says; without one it has ended, and says why elsewhere.
        while !said.contains("\n  try ") {
            if out.read_line(&mut said).unwrap() == 0 {
                let why: Vec<_> = err.map(Result::unwrap).collect();
                panic!("{said}{}", why.join("\n"));
            }
        }
        let url = said.lines().next().unwrap();
        let url = url.strip_prefix("listening on ").unwrap().to_owned();
        Serving {
            directory: self,
            process,
            err,
            said,
            url,
        }
    }
}

impl Serving<'_> {
    /// Runs a verb against the server.
    pub(crate) fn run(&self, args: &[&str]) -> Ran {
        self.directory
            .run_with(&[("STEPMILL_ENDPOINT", &self.url)], args)
    }

    /// A verb against the server, to be started.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = self.directory.command(args);
        command.env("STEPMILL_ENDPOINT", &self.url);
        command
    }

    /// Status and text of one of the server's pages.
    pub(crate) fn get(&self, path: &str) -> (u16, String) {
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .build()
            .new_agent();
        let mut answer = agent.get(format!("{}{path}", self.url)).call().unwrap();
        let text = answer.body_mut().read_to_string().unwrap();
        (answer.status().as_u16(), text)
    }

    /// Tells the server to stop.
    pub(crate) fn terminate(&self) {
        let killed = Command::new("kill")
            .args(["-TERM", &self.process.id().to_string()])
            .status();
        assert!(killed.unwrap().success());
    }

    /// Reads the server's log up to a line that says `text`.
    pub(crate) fn until(&mut self, text: &str) {
        let mut seen = Vec::new();
        loop {
            match self.err.next() {
                Some(line) => seen.push(line.unwrap()),
                None => panic!("{text:?} is not in {seen:#?}"),
            }
            if seen.last().is_some_and(|line| line.contains(text)) {
                return;
            }
        }
    }

    /// Waits until the server has ended: how, and the rest of its log.
    pub(crate) fn ended(mut self) -> (ExitStatus, String) {
        let rest: Vec<_> = self.err.by_ref().map(Result::unwrap).collect();
        (self.process.wait().unwrap(), rest.join("\n"))
    }

    /// Has the server stop in good order.
    pub(crate) fn stop(self) {
        self.terminate();
        let (status, log) = self.ended();
        assert_eq!(status.code(), Some(0), "{log}");
    }
}

impl Drop for Serving<'_> {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
