//! Writing a model out as JSON.
