//! The system call filter of a sandbox, as a program of the classic BPF machine (seccomp(2)).
//!
//! Allowed is what was known when this was written and is not named here: what the kernel learns later does not exist in a
//! sandbox (ENOSYS). Refused is what has to do with namespaces, mounts, other processes' memory, the kernel itself, keys and
//! clocks, and what has a long record of holes (io_uring, userfaultfd, BPF). x86-64 only; other entries kill.

use crate::sys::Instruction;

const LOAD_WORD: u16 = 0x20;
const JUMP_EQUAL: u16 = 0x15;
const JUMP_GREATER: u16 = 0x25;
const JUMP_BITS: u16 = 0x45;
const RETURN: u16 = 0x06;

const ALLOW: u32 = 0x7fff_0000;
const KILL: u32 = 0x8000_0000;
const fn refuse(errno: u32) -> u32 {
    0x0005_0000 | errno
}
const EPERM: u32 = 1;
const ENOSYS: u32 = 38;
const EAFNOSUPPORT: u32 = 97;

// struct seccomp_data: number, architecture, instruction pointer, six arguments of 8 bytes.
const NUMBER: u32 = 0;
const ARCHITECTURE: u32 = 4;
const fn argument(n: u32) -> u32 {
    16 + 8 * n
}
const X86_64: u32 = 0xc000_003e;

const SOCKET: u32 = 41;
const IOCTL: u32 = 16;
const CLONE: u32 = 56;
const CLONE3: u32 = 435;
/// CLONE_NEW{TIME, NS, CGROUP, UTS, IPC, USER, PID, NET}
const NEW_NAMESPACES: u32 = 0x7e02_0080;
/// Puts characters into a terminal's input.
const TIOCSTI: u32 = 0x5412;
const TIOCLINUX: u32 = 0x541c;
/// AF_UNIX, AF_INET, AF_INET6, AF_NETLINK, AF_PACKET. Others (AF_VSOCK above all) reach beyond a network namespace.
const FAMILIES: [u32; 5] = [1, 2, 10, 16, 17];

/// rseq is the last one before the gap; mseal was the newest when this was written.
const LAST_OLD: u32 = 334;
const FIRST_NEW: u32 = 424;
const LAST_NEW: u32 = 462;

/// By number, arch/x86/entry/syscalls/syscall_64.tbl.
const REFUSED: &[(u32, &str)] = &[
    (101, "ptrace"),
    (103, "syslog"),
    (134, "uselib"),
    (136, "ustat"),
    (139, "sysfs"),
    (153, "vhangup"),
    (154, "modify_ldt"),
    (155, "pivot_root"),
    (156, "_sysctl"),
    (159, "adjtimex"),
    (163, "acct"),
    (164, "settimeofday"),
    (165, "mount"),
    (166, "umount2"),
    (167, "swapon"),
    (168, "swapoff"),
    (172, "iopl"),
    (173, "ioperm"),
    (174, "create_module"),
    (175, "init_module"),
    (176, "delete_module"),
    (177, "get_kernel_syms"),
    (178, "query_module"),
    (179, "quotactl"),
    (180, "nfsservctl"),
    (212, "lookup_dcookie"),
    (227, "clock_settime"),
    (237, "mbind"),
    (238, "set_mempolicy"),
    (239, "get_mempolicy"),
    (246, "kexec_load"),
    (248, "add_key"),
    (249, "request_key"),
    (250, "keyctl"),
    (256, "migrate_pages"),
    (272, "unshare"),
    (279, "move_pages"),
    (298, "perf_event_open"),
    (300, "fanotify_init"),
    (303, "name_to_handle_at"),
    (304, "open_by_handle_at"),
    (305, "clock_adjtime"),
    (308, "setns"),
    (310, "process_vm_readv"),
    (311, "process_vm_writev"),
    (312, "kcmp"),
    (313, "finit_module"),
    (320, "kexec_file_load"),
    (321, "bpf"),
    (323, "userfaultfd"),
    (425, "io_uring_setup"),
    (426, "io_uring_enter"),
    (427, "io_uring_register"),
    (428, "open_tree"),
    (429, "move_mount"),
    (430, "fsopen"),
    (431, "fsconfig"),
    (432, "fsmount"),
    (433, "fspick"),
    (438, "pidfd_getfd"),
    (440, "process_madvise"),
    (442, "mount_setattr"),
    (443, "quotactl_fd"),
    (447, "memfd_secret"),
    (448, "process_mrelease"),
    (450, "set_mempolicy_home_node"),
    (457, "statmount"),
    (458, "listmount"),
];

fn ins(code: u16, k: u32, jt: u8, jf: u8) -> Instruction {
    Instruction { code, jt, jf, k }
}

/// If the loaded word is `k`, `then`.
fn case(k: u32, then: &[Instruction]) -> Vec<Instruction> {
    let mut all = vec![ins(JUMP_EQUAL, k, 0, then.len() as u8)];
    all.extend(then);
    all
}

pub fn program() -> Vec<Instruction> {
    let give = |value| ins(RETURN, value, 0, 0);
    let load = |at| ins(LOAD_WORD, at, 0, 0);
    let mut p = vec![load(ARCHITECTURE), ins(JUMP_EQUAL, X86_64, 1, 0), give(KILL), load(NUMBER)];
    // Also those of the x32 interface, which have bit 30.
    p.extend([ins(JUMP_GREATER, LAST_NEW, 0, 1), give(refuse(ENOSYS))]);
    p.extend([ins(JUMP_GREATER, LAST_OLD, 0, 2), ins(JUMP_GREATER, FIRST_NEW - 1, 1, 0), give(refuse(ENOSYS))]);
    // Its flags are in memory, where a filter cannot see them: programs then take clone.
    p.extend(case(CLONE3, &[give(refuse(ENOSYS))]));
    p.extend(case(CLONE, &[load(argument(0)), ins(JUMP_BITS, NEW_NAMESPACES, 0, 1), give(refuse(EPERM)), give(ALLOW)]));
    let mut families = vec![load(argument(0))];
    for family in FAMILIES {
        families.extend(case(family, &[give(ALLOW)]));
    }
    families.push(give(refuse(EAFNOSUPPORT)));
    p.extend(case(SOCKET, &families));
    let mut requests = vec![load(argument(1))];
    for request in [TIOCSTI, TIOCLINUX] {
        requests.extend(case(request, &[give(refuse(EPERM))]));
    }
    requests.push(give(ALLOW));
    p.extend(case(IOCTL, &requests));
    for (number, _) in REFUSED {
        p.extend(case(*number, &[give(refuse(EPERM))]));
    }
    p.push(give(ALLOW));
    p
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the machine returns for a call.
    fn run(number: u32, architecture: u32, arguments: [u64; 2]) -> u32 {
        let program = program();
        let word = |at: u32| match at {
            NUMBER => number,
            ARCHITECTURE => architecture,
            16 => arguments[0] as u32,
            24 => arguments[1] as u32,
            other => panic!("{other} is not loaded"),
        };
        let (mut at, mut loaded) = (0, 0);
        loop {
            let i = program[at];
            at += 1;
            let jump = |yes: bool| usize::from(if yes { i.jt } else { i.jf });
            match i.code {
                LOAD_WORD => loaded = word(i.k),
                JUMP_EQUAL => at += jump(loaded == i.k),
                JUMP_GREATER => at += jump(loaded > i.k),
                JUMP_BITS => at += jump(loaded & i.k != 0),
                RETURN => return i.k,
                other => panic!("{other} is not an instruction used here"),
            }
        }
    }

    #[test]
    fn verdicts() {
        for (number, name) in REFUSED {
            assert_eq!(run(*number, X86_64, [0, 0]), refuse(EPERM), "{name}");
        }
        let rows: &[(&str, u32, u32, [u64; 2], u32)] = &[
            ("read", 0, X86_64, [0, 0], ALLOW),
            ("execve", 59, X86_64, [0, 0], ALLOW),
            ("reboot", 169, X86_64, [0, 0], ALLOW),
            ("seccomp", 317, X86_64, [0, 0], ALLOW),
            ("rseq", 334, X86_64, [0, 0], ALLOW),
            ("in the gap", 335, X86_64, [0, 0], refuse(ENOSYS)),
            ("pidfd_send_signal", 424, X86_64, [0, 0], ALLOW),
            ("openat2", 437, X86_64, [0, 0], ALLOW),
            ("newer than known", 463, X86_64, [0, 0], refuse(ENOSYS)),
            ("x32's read", 0x4000_0000, X86_64, [0, 0], refuse(ENOSYS)),
            ("i386's read", 3, 0x4000_0003, [0, 0], KILL),
            ("fork", CLONE, X86_64, [17, 0], ALLOW),
            ("clone(NEWUSER)", CLONE, X86_64, [0x1000_0000 | 17, 0], refuse(EPERM)),
            ("clone(NEWTIME)", CLONE, X86_64, [0x80, 0], refuse(EPERM)),
            ("clone3", CLONE3, X86_64, [0, 0], refuse(ENOSYS)),
            ("AF_INET", SOCKET, X86_64, [2, 0], ALLOW),
            ("AF_PACKET", SOCKET, X86_64, [17, 0], ALLOW),
            ("AF_ALG", SOCKET, X86_64, [38, 0], refuse(EAFNOSUPPORT)),
            ("AF_VSOCK", SOCKET, X86_64, [40, 0], refuse(EAFNOSUPPORT)),
            ("TCGETS", IOCTL, X86_64, [0, 0x5401], ALLOW),
            ("TIOCSTI", IOCTL, X86_64, [0, 0x5412], refuse(EPERM)),
            // The kernel looks at 32 bits of a request, and so do we.
            ("TIOCSTI and more", IOCTL, X86_64, [0, 0x1_0000_5412], refuse(EPERM)),
        ];
        for (name, number, architecture, arguments, wanted) in rows {
            assert_eq!(run(*number, *architecture, *arguments), *wanted, "{name}");
        }
        assert!(program().len() < 4096);
    }
}
