//! Tests that need an outside run in a network namespace of their own: nothing they send leaves the machine.

use std::process::Command;

/// Capabilities, by number.
pub const NET_BIND_SERVICE: u32 = 10;
pub const NET_ADMIN: u32 = 12;

/// Gives up a capability in the calling thread and those that it starts.
pub fn give_up(capability: u32) {
    const VERSION_3: u32 = 0x2008_0522;
    let header = [VERSION_3, 0];
    // (effective, permitted, inheritable) for capabilities 0..32, then for the rest.
    let mut sets = [[0u32; 3]; 2];
    // SAFETY: capget and capset take a header of two words and two sets of three, which these are; 0 is the calling thread.
    let outcome = unsafe {
        libc::syscall(libc::SYS_capget, header.as_ptr(), sets.as_mut_ptr());
        sets[0].iter_mut().for_each(|s| *s &= !(1 << capability));
        libc::syscall(libc::SYS_capset, header.as_ptr(), sets.as_ptr())
    };
    assert_eq!(outcome, 0, "{}", std::io::Error::last_os_error());
}

const INSIDE: &str = "STRATOCELL_TEST_IN_NAMESPACE";

/// Runs `body` in a network namespace where `lo` is up: by running this test again under `unshare`. Fails, with the reason,
/// where neither root's nor a user's namespaces are allowed.
pub fn run(test: &str, body: impl FnOnce()) {
    if std::env::var_os(INSIDE).is_some() {
        ip("link set lo up");
        return body();
    }
    let own = std::env::current_exe().unwrap();
    let mut why = Vec::new();
    for flags in ["-n", "-Urn"] {
        match Command::new("unshare").args([flags, "true"]).output() {
            Ok(out) if out.status.success() => {
                let out = Command::new("unshare")
                    .arg(flags)
                    .arg(&own)
                    .args([test, "--exact", "--nocapture", "--test-threads=1"])
                    .env(INSIDE, "1")
                    .output()
                    .unwrap();
                let (stdout, stderr) = (String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
                assert!(out.status.success() && stdout.contains("1 passed"), "in the namespace:\n{stdout}\n{stderr}");
                return print!("{stdout}");
            }
            Ok(out) => why.push(format!("unshare {flags}: {}", String::from_utf8_lossy(&out.stderr).trim())),
            Err(e) => why.push(format!("unshare {flags}: {e}")),
        }
    }
    panic!("no network namespace can be made here: {}", why.join("; "));
}

pub fn ip(arguments: &str) -> String {
    let out = Command::new("ip").args(arguments.split(' ')).output().expect("`ip` of iproute2 is needed");
    assert!(out.status.success(), "ip {arguments}: {}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8_lossy(&out.stdout).into_owned()
}
