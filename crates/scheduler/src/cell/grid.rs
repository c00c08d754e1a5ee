//! The index of a class of hosts: buckets of (free lead dimension, free memory), each a linked list of hosts.
//!
//! The lead is the vCPUs, or the GPUs of a class that has any. A bitmap says which leads have hosts, four words a lead say
//! which of its 256 memory buckets have. Memory buckets are a power of two MiB wide, so that usual sizes fall on their edges
//! and all hosts of a bucket fit or none. A search starts at the tightest bucket that can hold the request and walks up, so
//! the first hosts that it meets are the best fits. Lists are intrusive: no allocation, 12 bytes a host.

use super::host::{Host, NONE};
use crate::room::Room;

const LEADS_MAX: u32 = 256;
const MEMORIES: u32 = 256;
const WORDS: u32 = MEMORIES / 64;

#[derive(Debug, Clone)]
pub(super) struct Grid {
    by_gpus: bool,
    lead_step: u32,
    memory_step: u32,
    leads: u32,
    /// Which leads have hosts.
    some: [u64; 5],
    memories: Vec<[u64; WORDS as usize]>,
    heads: Vec<u32>,
}

impl Grid {
    /// `model`: the size of the class's largest host. Larger ones are kept in the last buckets, which is safe: each host is
    /// asked itself whether it has room.
    pub fn new(model: Room) -> Self {
        let by_gpus = model.gpus > 0;
        let lead = if by_gpus { model.gpus } else { model.vcpus };
        let lead_step = (lead / LEADS_MAX + 1).max(1);
        let leads = lead / lead_step + 1;
        let memory_step = model.memory_mib.div_ceil(MEMORIES).next_power_of_two();
        let cells = (leads * MEMORIES) as usize;
        Self {
            by_gpus,
            lead_step,
            memory_step,
            leads,
            some: [0; 5],
            memories: vec![[0; WORDS as usize]; leads as usize],
            heads: vec![NONE; cells],
        }
    }

    fn at(&self, room: Room) -> (u32, u32) {
        let lead = if self.by_gpus { room.gpus } else { room.vcpus };
        ((lead / self.lead_step).min(self.leads - 1), (room.memory_mib / self.memory_step).min(MEMORIES - 1))
    }

    pub fn insert(&mut self, hosts: &mut [Host], ix: u32) {
        let (lead, memory) = self.at(hosts[ix as usize].free);
        let bucket = lead * MEMORIES + memory;
        let head = self.heads[bucket as usize];
        let host = &mut hosts[ix as usize];
        (host.bucket, host.previous, host.next) = (bucket, NONE, head);
        if head != NONE {
            hosts[head as usize].previous = ix;
        }
        self.heads[bucket as usize] = ix;
        self.memories[lead as usize][(memory / 64) as usize] |= 1 << (memory % 64);
        self.some[(lead / 64) as usize] |= 1 << (lead % 64);
    }

    pub fn remove(&mut self, hosts: &mut [Host], ix: u32) {
        let Host { bucket, previous, next, .. } = hosts[ix as usize];
        hosts[ix as usize].bucket = NONE;
        if next != NONE {
            hosts[next as usize].previous = previous;
        }
        if previous != NONE {
            hosts[previous as usize].next = next;
            return;
        }
        self.heads[bucket as usize] = next;
        if next == NONE {
            let (lead, memory) = (bucket / MEMORIES, bucket % MEMORIES);
            self.memories[lead as usize][(memory / 64) as usize] &= !(1 << (memory % 64));
            if self.memories[lead as usize] == [0; WORDS as usize] {
                self.some[(lead / 64) as usize] &= !(1 << (lead % 64));
            }
        }
    }

    /// Whether the host's bucket is no longer the right one.
    pub fn moved(&self, host: &Host) -> bool {
        let (lead, memory) = self.at(host.free);
        host.bucket != lead * MEMORIES + memory
    }

    /// The first hosts of the buckets that may hold `size`, from the tightest up. `visit` gets a list's head and says
    /// whether to go on.
    pub fn walk(&self, size: Room, mut visit: impl FnMut(u32) -> bool) {
        let (first, least) = self.at(size);
        let mut word = first / 64;
        let mut leads = self.some[word as usize] & (!0 << (first % 64));
        loop {
            while leads == 0 {
                word += 1;
                if word as usize == self.some.len() {
                    return;
                }
                leads = self.some[word as usize];
            }
            let lead = word * 64 + leads.trailing_zeros();
            leads &= leads - 1;
            for word in least / 64..WORDS {
                let mut memories = self.memories[lead as usize][word as usize];
                if word == least / 64 {
                    memories &= !0 << (least % 64);
                }
                while memories != 0 {
                    let bucket = lead * MEMORIES + word * 64 + memories.trailing_zeros();
                    memories &= memories - 1;
                    if !visit(self.heads[bucket as usize]) {
                        return;
                    }
                }
            }
        }
    }
}
