//! PutFunctionConcurrency, GetFunctionConcurrency, DeleteFunctionConcurrency.

use serde_json::{Value, json};

use super::documents::{Documents, Key};
use super::error::FunctionError;
use super::fields::{Fields, missing};
use super::{Body, Functions, no_function, usize_of};
use crate::caller::Caller;

/// The most executions at once that an account has, and so that can be reserved.
const MOST: i64 = 1000;

impl Functions {
    /// `PutFunctionConcurrency`: more invocations at once are refused.
    pub async fn put_concurrency(
        &self,
        caller: &Caller,
        name: &str,
        body: Body,
    ) -> Result<Value, FunctionError> {
        const FIELD: &str = "ReservedConcurrentExecutions";
        let mut fields = Fields::new(body);
        let reserved = fields
            .number_within(FIELD, 0, MOST)?
            .ok_or_else(|| missing(FIELD))?;
        fields.finish("PutFunctionConcurrency")?;
        self.reserve(caller, name, Some(reserved)).await?;
        Ok(json!({FIELD: reserved}))
    }

    /// `DeleteFunctionConcurrency`
    pub async fn delete_concurrency(
        &self,
        caller: &Caller,
        name: &str,
    ) -> Result<(), FunctionError> {
        self.reserve(caller, name, None).await
    }

    /// `GetFunctionConcurrency`
    pub fn get_concurrency(&self, caller: &Caller, name: &str) -> Result<Value, FunctionError> {
        let target = self.target(caller, name, None)?;
        if self.inner.host.common(target.name()).is_some() {
            return Ok(json!({}));
        }
        let key = Key::new(target.owner(), target.name());
        match self.stored(&key)? {
            None => Err(no_function(&target)),
            Some((_, record)) => Ok(match record.reserved {
                Some(reserved) => json!({"ReservedConcurrentExecutions": reserved}),
                None => json!({}),
            }),
        }
    }

    async fn reserve(
        &self,
        caller: &Caller,
        name: &str,
        reserved: Option<u32>,
    ) -> Result<(), FunctionError> {
        let target = self.target(caller, name, None)?;
        let _turn = self.change().await;
        let (key, number, mut record) = self.own(&target)?;
        record.reserved = reserved;
        let documents = &self.inner.documents;
        documents
            .commit(vec![Documents::put_function(&key, number, &record)?])
            .await?;
        let most = reserved.map(usize_of);
        self.inner.host.reserve(&key.owner, &key.name, most);
        Ok(())
    }
}
