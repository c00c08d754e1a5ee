//! Room in five dimensions: what a host has, what it has left, what an instance wants.

use std::fmt;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Room {
    pub vcpus: u32,
    pub memory_mib: u32,
    pub disk_gib: u32,
    pub network_mbps: u32,
    pub gpus: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dimension {
    Vcpus,
    Memory,
    Disk,
    Network,
    Gpus,
}

impl Dimension {
    pub const ALL: [Self; 5] = [Self::Vcpus, Self::Memory, Self::Disk, Self::Network, Self::Gpus];

    /// As a person reads it after a number.
    pub fn unit(self) -> &'static str {
        match self {
            Self::Vcpus => "vCPUs",
            Self::Memory => "MiB of memory",
            Self::Disk => "GiB of disk",
            Self::Network => "Mbit/s of network",
            Self::Gpus => "GPUs",
        }
    }
}

impl Room {
    pub fn array(self) -> [u32; 5] {
        [self.vcpus, self.memory_mib, self.disk_gib, self.network_mbps, self.gpus]
    }

    pub fn from_array([vcpus, memory_mib, disk_gib, network_mbps, gpus]: [u32; 5]) -> Self {
        Self { vcpus, memory_mib, disk_gib, network_mbps, gpus }
    }

    pub fn get(self, dimension: Dimension) -> u32 {
        self.array()[dimension as usize]
    }

    /// Whether `size` fits in here in all dimensions at once.
    pub fn holds(self, size: Self) -> bool {
        self.vcpus >= size.vcpus
            && self.memory_mib >= size.memory_mib
            && self.disk_gib >= size.disk_gib
            && self.network_mbps >= size.network_mbps
            && self.gpus >= size.gpus
    }

    /// How many of `size` fit in here; `u32::MAX` of nothing.
    pub fn times(self, size: Self) -> u32 {
        let counts = self.array().into_iter().zip(size.array()).filter(|(_, want)| *want > 0);
        counts.map(|(have, want)| have / want).min().unwrap_or(u32::MAX)
    }

    pub fn plus(self, other: Self) -> Self {
        self.each(other, u32::saturating_add)
    }

    /// Never below zero.
    pub fn minus(self, other: Self) -> Self {
        self.each(other, u32::saturating_sub)
    }

    pub fn max(self, other: Self) -> Self {
        self.each(other, u32::max)
    }

    fn each(self, other: Self, f: fn(u32, u32) -> u32) -> Self {
        let (a, b) = (self.array(), other.array());
        Self::from_array(std::array::from_fn(|i| f(a[i], b[i])))
    }

    /// The largest share, in thousandths, that this takes of `total` in any dimension: what batches are sorted by.
    pub fn dominant_permille(self, total: Self) -> u32 {
        let shares = self.array().into_iter().zip(total.array()).filter(|(_, t)| *t > 0);
        shares.map(|(s, t)| (u64::from(s) * 1000 / u64::from(t)) as u32).max().unwrap_or(0)
    }
}

impl fmt::Display for Room {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut first = true;
        for d in Dimension::ALL.into_iter().filter(|d| self.get(*d) > 0) {
            write!(f, "{}{} {}", if first { "" } else { ", " }, self.get(d), d.unit())?;
            first = false;
        }
        if first { f.write_str("nothing") } else { Ok(()) }
    }
}
