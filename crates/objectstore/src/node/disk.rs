//! The seam between the log and a disk: a flat directory of files. [`RealDisk`] is one; [`super::sim`] another, which
//! crashes, tears, rots and fills up. Nothing here knows what the files hold.

use super::format::PAGE_BYTES;
use super::sys;
use std::fs::{self, File, OpenOptions};
use std::io::{self, IoSlice};
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt};
use std::path::PathBuf;
use std::sync::Arc;

/// What was created or removed is durable after [`Disk::sync_dir`], what was written to a file after its `sync`.
pub trait Disk: Send + Sync {
    fn list(&self) -> io::Result<Vec<String>>;
    /// An empty file, also where there was one.
    fn create(&self, name: &str) -> io::Result<Arc<dyn SegmentFile>>;
    fn open(&self, name: &str) -> io::Result<Arc<dyn SegmentFile>>;
    /// The same file, for reads and writes past the cache: of whole pages, in memory that begins at a page. What is written is
    /// seen by those who read the file, and durable after a `sync` of it; what was written through the cache is read. A file
    /// system that cannot says `InvalidInput` (EINVAL) or `Unsupported`, here or at the first read or write.
    fn open_direct(&self, name: &str) -> io::Result<Arc<dyn SegmentFile>>;
    /// Not there is fine. Whoever has it open can still read it.
    fn remove(&self, name: &str) -> io::Result<()>;
    fn sync_dir(&self) -> io::Result<()>;
    fn free_bytes(&self) -> io::Result<u64>;
}

pub trait SegmentFile: Send + Sync {
    /// All of it, or an error after an unknown part of it.
    fn write_at(&self, offset: u64, pieces: &[IoSlice<'_>]) -> io::Result<()>;
    /// As many bytes as there are, up to `out.len()`.
    fn read_at(&self, offset: u64, out: &mut [u8]) -> io::Result<usize>;
    /// Are all pages of this range in the page cache? `Unsupported`: nobody knows.
    fn is_cached(&self, offset: u64, bytes: u64) -> io::Result<bool>;
    fn sync(&self) -> io::Result<()>;
    fn bytes(&self) -> io::Result<u64>;
    fn truncate(&self, bytes: u64) -> io::Result<()>;
    /// Gives the space back; zeros are read there.
    fn punch(&self, offset: u64, bytes: u64) -> io::Result<()>;
    /// Forgets what is cached of it, so that the next read shows what the disk has.
    fn drop_cache(&self) -> io::Result<()>;
    /// On disk, without holes.
    fn allocated_bytes(&self) -> io::Result<u64>;
}

/// Reads until `out` is full; short: [`io::ErrorKind::UnexpectedEof`].
pub fn read_exact(file: &dyn SegmentFile, offset: u64, out: &mut [u8]) -> io::Result<()> {
    if file.read_at(offset, out)? < out.len() {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(())
}

/// A directory of a file system.
#[derive(Debug)]
pub struct RealDisk {
    dir: PathBuf,
    handle: File,
}

impl RealDisk {
    pub fn new(dir: impl Into<PathBuf>) -> io::Result<Self> {
        let dir = dir.into();
        Ok(Self { handle: File::open(&dir)?, dir })
    }

    /// Of the whole file system.
    pub fn total_bytes(&self) -> io::Result<u64> {
        sys::space(&self.handle).map(|s| s.total_bytes)
    }

    /// Was the directory removed under us?
    pub fn is_gone(&self) -> bool {
        let named = fs::metadata(&self.dir).map(|m| (m.dev(), m.ino()));
        let ours = self.handle.metadata().map(|m| (m.dev(), m.ino()));
        !matches!((named, ours), (Ok(a), Ok(b)) if a == b)
    }
}

impl Disk for RealDisk {
    fn list(&self) -> io::Result<Vec<String>> {
        fs::read_dir(&self.dir)?.map(|e| Ok(e?.file_name().to_string_lossy().into_owned())).collect()
    }

    fn create(&self, name: &str) -> io::Result<Arc<dyn SegmentFile>> {
        let mut options = OpenOptions::new();
        let file = options.read(true).write(true).create(true).truncate(true).mode(0o600).open(self.dir.join(name))?;
        Ok(Arc::new(RealFile { file, direct: false }))
    }

    fn open(&self, name: &str) -> io::Result<Arc<dyn SegmentFile>> {
        let file = OpenOptions::new().read(true).write(true).open(self.dir.join(name))?;
        Ok(Arc::new(RealFile { file, direct: false }))
    }

    fn open_direct(&self, name: &str) -> io::Result<Arc<dyn SegmentFile>> {
        let mut options = OpenOptions::new();
        let file = options.read(true).write(true).custom_flags(libc::O_DIRECT).open(self.dir.join(name))?;
        Ok(Arc::new(RealFile { file, direct: true }))
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        platform::disk::remove_file(&self.dir.join(name))
    }

    fn sync_dir(&self) -> io::Result<()> {
        self.handle.sync_all()
    }

    fn free_bytes(&self) -> io::Result<u64> {
        sys::space(&self.handle).map(|s| s.free_bytes)
    }
}

struct RealFile {
    file: File,
    direct: bool,
}

impl SegmentFile for RealFile {
    fn write_at(&self, offset: u64, pieces: &[IoSlice<'_>]) -> io::Result<()> {
        sys::write_all_at(&self.file, offset, pieces)
    }

    fn read_at(&self, offset: u64, out: &mut [u8]) -> io::Result<usize> {
        let mut done = 0;
        while done < out.len() {
            match self.file.read_at(&mut out[done..], offset + done as u64) {
                Ok(0) => break,
                Ok(n) => {
                    done += n;
                    // The file's end: nothing can be read directly from here, not even that there is nothing.
                    if self.direct && !done.is_multiple_of(PAGE_BYTES as usize) {
                        break;
                    }
                }
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
        Ok(done)
    }

    fn is_cached(&self, offset: u64, bytes: u64) -> io::Result<bool> {
        let pages = (offset / PAGE_BYTES..(offset + bytes).div_ceil(PAGE_BYTES)).count() as u64;
        Ok(sys::cached_pages(&self.file, offset, bytes)? >= pages)
    }

    fn sync(&self) -> io::Result<()> {
        self.file.sync_data()
    }

    fn bytes(&self) -> io::Result<u64> {
        Ok(self.file.metadata()?.len())
    }

    fn truncate(&self, bytes: u64) -> io::Result<()> {
        self.file.set_len(bytes)
    }

    fn punch(&self, offset: u64, bytes: u64) -> io::Result<()> {
        sys::punch_hole(&self.file, offset, bytes)
    }

    fn drop_cache(&self) -> io::Result<()> {
        sys::drop_cache(&self.file)
    }

    fn allocated_bytes(&self) -> io::Result<u64> {
        Ok(self.file.metadata()?.blocks() * 512)
    }
}
