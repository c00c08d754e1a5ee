//! The seam between a leader and its store. [`SqliteShard`] is the real one; simulations have one in memory.
//!
//! ```text
//!  submit ─► one queue, one writer: the order of the calls is the order of the versions
//!  snapshot ─► everything that was durable when it began, and nothing later
//! ```

use super::map::{Extent, Number};
use super::{Stop, StoreFile, core};
use std::future::Future;
use std::sync::{Arc, Mutex};
use store::writer::CommitterStats;
use store::{
    Committer, CommitterOptions, Epoch, Error, Mutation, Precondition, SqliteReader, SqliteStore, Store, StoreRead, Version,
};
use tokio::sync::Semaphore;

/// Listings at once; further ones wait.
const LISTINGS_MAX: usize = 4;
const READER_CACHE_KIB: u32 = 4096;
const LISTING_CACHE_KIB: u32 = 1024;

/// A store taken by its leader, with the epoch that it was given.
pub trait Shard: 'static {
    fn epoch(&self) -> Epoch;

    /// Queues a commit; an error means that it was not.
    fn submit(
        &self,
        pre: Vec<Precondition>,
        muts: Vec<Mutation>,
    ) -> Result<impl Future<Output = Result<Version, Error>> + 'static, Error>;

    /// Returns when nothing can be committed any more.
    fn failed(&self) -> impl Future<Output = Error>;

    /// Several short reads of one moment.
    fn snapshot<T>(&self, f: impl FnOnce(&dyn StoreRead) -> T) -> Result<T, Error>;

    /// The same for long ones, where they hold nobody up.
    fn listing<T: Send + 'static>(
        &self,
        f: impl FnOnce(&dyn StoreRead) -> T + Send + 'static,
    ) -> impl Future<Output = Result<T, Error>>;

    fn stats(&self) -> CommitterStats;

    /// Bytes of the rows that are there, about.
    fn used_bytes(&self) -> Result<u64, Error>;
}

/// Where the stores of all shards are.
pub trait Stores: 'static {
    type Shard: Shard;

    /// Whoever led it before is fenced.
    fn take(&self, number: Number, owner: &str) -> Result<Self::Shard, Stop>;

    /// An empty store under a number that no other has.
    fn create(&self, owner: &str) -> Result<(Number, Self::Shard), Stop>;

    /// Removes a store that was to have this extent, and was never given it; whoever wrote into it is fenced. Nothing happens
    /// if it has another, or none.
    fn discard(&self, extent: &Extent, owner: &str) -> Result<(), Stop>;
}

/// Files beside each other: `index.db`, `index-1.db`, ...
pub struct SqliteStores(pub StoreFile);

impl Stores for SqliteStores {
    type Shard = SqliteShard;

    fn take(&self, number: Number, owner: &str) -> Result<SqliteShard, Stop> {
        let file = self.0.numbered(number);
        if number != 0 && !file.path.exists() {
            return Err(Stop::Damaged(format!("{} is lost", file.path.display())));
        }
        let shard = SqliteShard::take(&file, owner)?;
        match shard.snapshot(core::extent)?? {
            extent if extent.number == number => Ok(shard),
            extent => Err(Stop::Damaged(format!("{} has shard {}", file.path.display(), extent.number))),
        }
    }

    fn create(&self, owner: &str) -> Result<(Number, SqliteShard), Stop> {
        for number in 1.. {
            let file = self.0.numbered(number);
            match platform::disk::create_atomic(&file.path, &[]) {
                Ok(true) => return Ok((number, SqliteShard::take(&file, owner)?)),
                Ok(false) => {}
                Err(e) => return Err(Stop::Damaged(format!("{} cannot be made: {e}", file.path.display()))),
            }
        }
        Err(Stop::Damaged("no number is left".to_owned()))
    }

    fn discard(&self, extent: &Extent, owner: &str) -> Result<(), Stop> {
        let file = self.0.numbered(extent.number);
        if !file.path.exists() {
            return Ok(());
        }
        // Another shard may have the number by now, and a leader that is not to be disturbed.
        let found = SqliteReader::open(&file.path, LISTING_CACHE_KIB)?.snapshot(core::extent)??;
        if found != *extent {
            return Ok(());
        }
        drop(SqliteShard::take(&file, owner)?);
        // The file itself last: as long as it is there, nobody takes the number.
        for suffix in ["-wal", "-shm", ".lock", ""] {
            let mut path = file.path.clone().into_os_string();
            path.push(suffix);
            match std::fs::remove_file(&path) {
                Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
                    return Err(Stop::Damaged(format!("{} cannot be removed: {e}", path.display())));
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// The file that all index processes share.
pub struct SqliteShard {
    committer: Committer,
    epoch: Epoch,
    reader: SqliteReader,
    file: StoreFile,
    /// Readers for listings, in threads of their own.
    idle: Arc<Mutex<Vec<SqliteReader>>>,
    permits: Arc<Semaphore>,
}

impl SqliteShard {
    /// Whoever led before is fenced. Blocks for the time of an fsync, or up to the file's busy timeout.
    pub fn take(file: &StoreFile, owner: &str) -> Result<Self, Stop> {
        let mut store = SqliteStore::open(&file.path, file.options())?;
        let epoch = store.acquire(owner)?;
        Ok(Self {
            reader: SqliteReader::open(&file.path, READER_CACHE_KIB)?,
            committer: Committer::spawn(store, epoch, CommitterOptions::usual())?,
            epoch,
            file: file.clone(),
            idle: Arc::default(),
            permits: Arc::new(Semaphore::new(LISTINGS_MAX)),
        })
    }
}

impl Shard for SqliteShard {
    fn epoch(&self) -> Epoch {
        self.epoch
    }

    fn submit(
        &self,
        pre: Vec<Precondition>,
        muts: Vec<Mutation>,
    ) -> Result<impl Future<Output = Result<Version, Error>> + 'static, Error> {
        self.committer.submit(pre, muts)
    }

    fn failed(&self) -> impl Future<Output = Error> {
        self.committer.failed()
    }

    fn snapshot<T>(&self, f: impl FnOnce(&dyn StoreRead) -> T) -> Result<T, Error> {
        self.reader.snapshot(f)
    }

    async fn listing<T: Send + 'static>(&self, f: impl FnOnce(&dyn StoreRead) -> T + Send + 'static) -> Result<T, Error> {
        let permit = self.permits.clone().acquire_owned().await.map_err(|_| Error::Stopped)?;
        let (idle, path) = (self.idle.clone(), self.file.path.clone());
        let listing = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            let held = idle.lock().unwrap_or_else(|e| e.into_inner()).pop();
            let reader = match held {
                Some(reader) => reader,
                None => SqliteReader::open(&path, LISTING_CACHE_KIB)?,
            };
            let out = reader.snapshot(f);
            idle.lock().unwrap_or_else(|e| e.into_inner()).push(reader);
            out
        });
        listing.await.unwrap_or_else(|e| std::panic::resume_unwind(e.into_panic()))
    }

    fn stats(&self) -> CommitterStats {
        self.committer.stats()
    }

    fn used_bytes(&self) -> Result<u64, Error> {
        self.reader.used_bytes()
    }
}
