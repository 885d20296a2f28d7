//! Which mocks an execution of `stepmill run` has.

use stepmill::integrations::mock::{MockConfig, MockError, TestCase};
use stepmill::integrations::project::Settings;

use crate::cli::RunArgs;
use crate::problem::Problem;
use crate::run::input::offset;
use crate::source::read;

/// The test case of a state machine that is chosen, by option or by the project's `[mock]`; none if neither chooses one.
pub(crate) fn chosen(
    args: &RunArgs,
    project: Option<&Settings>,
    machine: &str,
) -> Result<Option<TestCase>, Problem> {
    let file = project.map(|settings| &settings.mock);
    let path = args
        .mock
        .as_ref()
        .or(file.and_then(|file| file.file.as_ref()));
    let case = args.test_case.as_ref();
    let case = case.or(file.and_then(|file| file.test_case.as_ref()));
    let (path, case) = match (path, case) {
        (Some(path), Some(case)) => (path, case),
        (None, Some(case)) => return Err(without_file(case)),
        (Some(path), None) if args.mock.is_some() => {
            let message = format!("--mock {}: no test case is chosen", path.display());
            return Err(Problem::new(message).help("choose one with --test-case NAME"));
        }
        // A server has it for those who name a test case.
        (_, None) => return Ok(None),
    };
    let text = read(path, "the file of --mock")?;
    let shown = path.display();
    let config = MockConfig::parse(&text).map_err(|error| match &error {
        MockError::Invalid(invalid) => {
            let at = offset(&text, invalid.line(), invalid.column());
            Problem::new(error.to_string()).at(&shown.to_string(), &text, at..at + 1)
        }
        _ => Problem::new(format!("{shown}: {error}")),
    })?;
    let case = config.test_case(machine, case).map_err(|error| {
        Problem::new(format!("{shown}: {error}"))
            .help("choose one with --test-case NAME, and the state machine's name with --name NAME")
    })?;
    Ok(Some(case))
}

/// There is a test case and nothing that could have it.
pub(crate) fn without_file(case: &str) -> Problem {
    let message = format!("there is no mock configuration that could have the test case '{case}'");
    Problem::new(message).help("name one with --mock FILE, or file = \"FILE\" under [mock]")
}
