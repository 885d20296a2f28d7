//! Requests to end: Ctrl-C, and SIGTERM.

use tokio::sync::mpsc;

use crate::problem::Problem;

/// Tells of Ctrl-C and of requests to end.
pub(crate) fn interrupts() -> Result<mpsc::Receiver<()>, Problem> {
    let (sender, receiver) = mpsc::channel(8);
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        for kind in [SignalKind::interrupt(), SignalKind::terminate()] {
            let mut signals = signal(kind)
                .map_err(|error| Problem::new(format!("cannot listen to signals: {error}")))?;
            let sender = sender.clone();
            tokio::spawn(async move {
                while signals.recv().await.is_some() && sender.send(()).await.is_ok() {}
            });
        }
    }
    #[cfg(not(unix))]
    tokio::spawn(async move {
        while tokio::signal::ctrl_c().await.is_ok() && sender.send(()).await.is_ok() {}
    });
    Ok(receiver)
}
