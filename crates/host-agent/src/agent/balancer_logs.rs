//! Load balancers' log files on their way off the host: those of its nodes, and those that nodes which are gone have left.
//! Whoever delivers them asks for one after the other, and says which are done. Blocking, all of it.

use platform::disk;
use std::io;
use std::path::{Path, PathBuf};
use wire::balancer::{LogFile, LogReply, LogRequest};

/// As the balancer has them: `logs/TIME-NODE-RANDOM.log` of a node's directory, `open` while it is written to.
const LOGS: &str = "logs";
const OPEN: &str = "open";
const CLOSED: &str = "log";
/// Of nodes that are gone, together.
const LEFT_BYTES_MAX: u64 = 256 << 20;
/// A node closes a file long before.
const FILE_BYTES_MAX: u64 = 16 << 20;

/// The closed files of a directory; none where there is no directory.
fn closed(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = match std::fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(e),
    };
    let mut out = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some_and(|e| e == CLOSED) {
            out.push(path);
        }
    }
    Ok(out)
}

fn name(path: &Path) -> String {
    path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default()
}

/// `nodes`: each node has a directory there. `left`: what those that are gone have left.
pub fn take(nodes: &Path, left: &Path, request: &LogRequest) -> io::Result<LogReply> {
    let mut files = closed(left)?;
    for entry in std::fs::read_dir(nodes)? {
        files.extend(closed(&entry?.path().join(LOGS))?);
    }
    files.sort_by_key(|p| name(p));
    let mut lost = 0;
    for path in files {
        let name = name(&path);
        if request.done.as_ref() == Some(&name) {
            disk::remove_file(&path)?;
            continue;
        }
        if request.after.as_ref().is_some_and(|after| name <= *after) {
            continue;
        }
        match read(&path) {
            Ok(Some(file)) => return Ok(LogReply { file: Some(LogFile { name, ..file }), lost }),
            // Its node has given it up meanwhile.
            Err(e) if e.kind() == io::ErrorKind::NotFound => {}
            Ok(None) => {
                disk::remove_file(&path)?;
                lost += 1;
            }
            Err(e) => return Err(e),
        }
    }
    Ok(LogReply { file: None, lost })
}

/// None: it is no log file.
fn read(path: &Path) -> io::Result<Option<LogFile>> {
    if std::fs::metadata(path)?.len() > FILE_BYTES_MAX {
        return Ok(None);
    }
    let whole = String::from_utf8_lossy(&std::fs::read(path)?).into_owned();
    let file = whole.split_once('\n').and_then(|(head, text)| {
        // A torn last line is one of a process that was killed.
        let text = text.rfind('\n').map_or("", |end| &text[..=end]).to_owned();
        Some(LogFile { name: String::new(), head: serde_json::from_str(head).ok()?, text })
    });
    Ok(file)
}

/// A node goes: its files stay, as far as there is room.
pub fn keep(node: &Path, left: &Path) -> io::Result<()> {
    let logs = node.join(LOGS);
    if !logs.exists() {
        return Ok(());
    }
    disk::create_private_dir(left)?;
    for entry in std::fs::read_dir(&logs)? {
        let path = entry?.path();
        if path.extension().is_some_and(|e| e == CLOSED || e == OPEN) {
            std::fs::rename(&path, left.join(name(&path)).with_extension(CLOSED))?;
        }
    }
    let mut files = closed(left)?;
    files.sort_by_key(|p| std::cmp::Reverse(name(p)));
    let mut bytes = 0;
    for path in files {
        bytes += std::fs::metadata(&path)?.len();
        if bytes > LEFT_BYTES_MAX {
            tracing::warn!(path = %path.display(), "a load balancer's log is given up for want of room");
            disk::remove_file(&path)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire::balancer::LogHead;

    fn write(dir: &Path, name: &str, text: &str) {
        std::fs::create_dir_all(dir).unwrap();
        let head = LogHead {
            account: "123456789012".parse().unwrap(),
            arn: "arn:lb".into(),
            bucket: "logs".into(),
            key: format!("k/{name}"),
        };
        std::fs::write(dir.join(name), format!("{}\n{text}", serde_json::to_string(&head).unwrap())).unwrap();
    }

    #[test]
    fn files_are_taken_in_order_and_outlive_their_node() {
        let temp = tempfile::tempdir().unwrap();
        let (nodes, left) = (temp.path().join("nodes"), temp.path().join("left"));
        write(&nodes.join("eni-1/logs"), "003-eni-1-a.log", "three\n");
        write(&nodes.join("eni-2/logs"), "001-eni-2-b.log", "one\n");
        write(&nodes.join("eni-2/logs"), "004-eni-2-c.open", "four\ntorn");
        std::fs::write(nodes.join("eni-2/logs/002-eni-2-d.log"), "no head").unwrap();
        let ask = |after: Option<&str>, done: Option<&str>| {
            let request = LogRequest { after: after.map(Into::into), done: done.map(Into::into) };
            let reply = take(&nodes, &left, &request).unwrap();
            (reply.file.map(|f| (f.name, f.text)), reply.lost)
        };
        let file = |name: &str, text: &str| Some((name.to_owned(), text.to_owned()));
        assert_eq!(ask(None, None), (file("001-eni-2-b.log", "one\n"), 0));
        assert_eq!(ask(None, None), (file("001-eni-2-b.log", "one\n"), 0), "until it is done");
        assert_eq!(ask(Some("001-eni-2-b.log"), None), (file("003-eni-1-a.log", "three\n"), 1), "what is refused is passed over");
        keep(&nodes.join("eni-2"), &left).unwrap();
        std::fs::remove_dir_all(nodes.join("eni-2")).unwrap();
        assert_eq!(ask(None, Some("001-eni-2-b.log")), (file("003-eni-1-a.log", "three\n"), 0));
        assert_eq!(ask(None, Some("003-eni-1-a.log")), (file("004-eni-2-c.log", "four\n"), 0));
        assert_eq!(ask(None, Some("004-eni-2-c.log")), (None, 0));
        assert!(closed(&left).unwrap().is_empty() && closed(&nodes.join("eni-1/logs")).unwrap().is_empty());
    }
}
