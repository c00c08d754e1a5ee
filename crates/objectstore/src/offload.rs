//! Where work that takes long is done, so that it does not hold up others: a seam for simulations, which have one thread.

/// How a process does what takes more than some hundred microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Offload {
    /// In the runtime's pool of threads.
    #[default]
    Pool,
    /// At once: everything happens in one order, which a seed decides.
    Inline,
}

impl Offload {
    /// A panic of the work is the caller's.
    pub async fn run<T: Send + 'static>(self, work: impl FnOnce() -> T + Send + 'static) -> T {
        match self {
            Self::Pool => tokio::task::spawn_blocking(work).await.unwrap_or_else(|e| std::panic::resume_unwind(e.into_panic())),
            Self::Inline => work(),
        }
    }
}
