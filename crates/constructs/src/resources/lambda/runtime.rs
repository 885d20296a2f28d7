//! What functions run on.

use std::borrow::Cow;

/// What a function runs on: [`Runtime::NODEJS_22_X`], or another [by its name](Runtime::of).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Runtime {
    name: Cow<'static, str>,
    supports_inline_code: bool,
}

macro_rules! runtimes {
    ($($constant:ident $name:literal $inline:ident;)*) => {
        impl Runtime {
            $(
                #[doc = concat!("`", $name, "`.")]
                pub const $constant: Self = Self {
                    name: Cow::Borrowed($name),
                    supports_inline_code: runtimes!(@ $inline),
                };
            )*
        }
    };
    (@ inline) => { true };
    (@ files) => { false };
}

runtimes! {
    NODEJS "nodejs" inline;
    NODEJS_4_3 "nodejs4.3" inline;
    NODEJS_6_10 "nodejs6.10" inline;
    NODEJS_8_10 "nodejs8.10" inline;
    NODEJS_10_X "nodejs10.x" inline;
    NODEJS_12_X "nodejs12.x" inline;
    NODEJS_14_X "nodejs14.x" inline;
    NODEJS_16_X "nodejs16.x" inline;
    NODEJS_18_X "nodejs18.x" inline;
    NODEJS_20_X "nodejs20.x" inline;
    NODEJS_22_X "nodejs22.x" inline;
    NODEJS_24_X "nodejs24.x" inline;
    NODEJS_LATEST "nodejs24.x" inline;
    PYTHON_2_7 "python2.7" inline;
    PYTHON_3_6 "python3.6" inline;
    PYTHON_3_7 "python3.7" inline;
    PYTHON_3_8 "python3.8" inline;
    PYTHON_3_9 "python3.9" inline;
    PYTHON_3_10 "python3.10" inline;
    PYTHON_3_11 "python3.11" inline;
    PYTHON_3_12 "python3.12" inline;
    PYTHON_3_13 "python3.13" inline;
    PYTHON_3_14 "python3.14" inline;
    PYTHON_3_15 "python3.15" inline;
    JAVA_8 "java8" files;
    JAVA_8_CORRETTO "java8.al2" files;
    JAVA_8_AL2023 "java8.al2023" files;
    JAVA_11 "java11" files;
    JAVA_11_AL2023 "java11.al2023" files;
    JAVA_17 "java17" files;
    JAVA_17_AL2023 "java17.al2023" files;
    JAVA_21 "java21" files;
    JAVA_25 "java25" files;
    DOTNET_6 "dotnet6" files;
    DOTNET_8 "dotnet8" files;
    DOTNET_9 "dotnet9" files;
    DOTNET_10 "dotnet10" files;
    DOTNET_CORE_1 "dotnetcore1.0" files;
    DOTNET_CORE_2 "dotnetcore2.0" files;
    DOTNET_CORE_2_1 "dotnetcore2.1" files;
    DOTNET_CORE_3_1 "dotnetcore3.1" files;
    GO_1_X "go1.x" files;
    RUBY_2_5 "ruby2.5" files;
    RUBY_2_7 "ruby2.7" files;
    RUBY_3_2 "ruby3.2" files;
    RUBY_3_3 "ruby3.3" files;
    RUBY_3_4 "ruby3.4" files;
    RUBY_4_0 "ruby4.0" files;
    PROVIDED "provided" files;
    PROVIDED_AL2 "provided.al2" files;
    PROVIDED_AL2023 "provided.al2023" files;
    FROM_IMAGE "FROM_IMAGE" files;
}

impl Runtime {
    /// A runtime by its name: `python3.16`.
    pub fn of(name: impl Into<String>) -> Self {
        let name = name.into();
        Self {
            supports_inline_code: ["nodejs", "python"]
                .iter()
                .any(|family| name.starts_with(family)),
            name: name.into(),
        }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether a function's code can stand in the template.
    pub fn supports_inline_code(&self) -> bool {
        self.supports_inline_code
    }

    /// Whether the container image says what runs.
    pub(super) fn is_from_image(&self) -> bool {
        *self == Self::FROM_IMAGE
    }

    /// Whether it is some version of Node.js.
    pub(crate) fn is_nodejs(&self) -> bool {
        self.name.starts_with("nodejs")
    }
}

/// The processor that a function runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Architecture {
    /// 64 bits, Intel's instructions.
    #[default]
    X86_64,
    /// 64 bits, ARM's instructions.
    Arm64,
}

impl Architecture {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::X86_64 => "x86_64",
            Self::Arm64 => "arm64",
        }
    }
}

/// What is given as a handler instead of a function's name.
#[derive(Debug)]
pub struct Handler;

impl Handler {
    /// The container image says which handler it has.
    pub const FROM_IMAGE: &'static str = "FROM_IMAGE";
}
