//! `forward INSTANCE:PORT LOCAL`: TCP connections into an instance through its host's card.

use super::super::{block_on, print};
use super::{Place, find};
use crate::cli::ForwardTarget;
use crate::error::CliError;
use platform::DataDir;
use std::io::{Read, Write};
use std::process::ExitCode;
use std::rc::Rc;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, UnixStream};
use tokio::sync::Semaphore;
use wire::card::{ForwardReply, ForwardRequest};

const CONNECTIONS_MAX: usize = 256;
/// The card's answer: one short line.
const REPLY_BYTES_MAX: u64 = 4096;
/// The card connects to the guest meanwhile.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(15);

pub fn run(dir: &DataDir, target: &ForwardTarget, local: u16, stdio: bool) -> Result<ExitCode, CliError> {
    block_on(async {
        let place = find(dir, target.instance).await?;
        if stdio {
            let (guest, early) = connect(dir, &place, target.port).await?;
            pipe_stdio(guest, &early).map_err(CliError::io("copy"))?;
            return Ok(ExitCode::SUCCESS);
        }
        let listener =
            TcpListener::bind(("127.0.0.1", local)).await.map_err(CliError::io(format!("listen on 127.0.0.1:{local}")))?;
        let at = listener.local_addr().map_err(CliError::io("listen"))?;
        eprintln!("{at} goes to {}:{} on host {}; Ctrl-C ends it", target.instance, target.port, place.host);
        print(&format!("{at}\n"))?;
        serve(listener, dir.clone(), place, target.port).await
    })
}

async fn serve(listener: TcpListener, dir: DataDir, place: Place, port: u16) -> Result<ExitCode, CliError> {
    let (dir, place) = (Rc::new(dir), Rc::new(place));
    let permits = std::sync::Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        let permit = permits.clone().acquire_owned().await;
        let (mut client, from) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(e) => {
                eprintln!("accept: {e}");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let (dir, place) = (dir.clone(), place.clone());
        tokio::task::spawn_local(async move {
            let _permit = permit;
            match connect(&dir, &place, port).await {
                Ok((mut guest, early)) => {
                    let _ = client.set_nodelay(true);
                    if client.write_all(&early).await.is_ok() {
                        let _ = tokio::io::copy_bidirectional(&mut client, &mut guest).await;
                    }
                }
                Err(e) => eprintln!("{from}: {}", crate::error::sentence(&e)),
            }
        });
    }
}

/// Opens a stream to the guest's port. The second value is what the guest has said already.
pub async fn connect(dir: &DataDir, place: &Place, port: u16) -> Result<(UnixStream, Vec<u8>), CliError> {
    let handshake = async {
        let mut stream = UnixStream::connect(dir.card_forward_socket(&place.host))
            .await
            .map_err(CliError::io(format!("reach the card of host {}", place.host)))?;
        let request = serde_json::to_string(&ForwardRequest { to: None, interface: place.interface, port })
            .map_err(|e| CliError::io("encode the request")(e.into()))?;
        let talk = CliError::io(format!("talk to the card of host {}", place.host));
        let mut reader = BufReader::new(&mut stream);
        let mut line = Vec::new();
        let told = async {
            reader.write_all(format!("{request}\n").as_bytes()).await?;
            (&mut reader).take(REPLY_BYTES_MAX).read_until(b'\n', &mut line).await
        };
        told.await.map_err(talk)?;
        let early = reader.buffer().to_vec();
        match serde_json::from_slice(&line) {
            Ok(ForwardReply::Ok) => Ok((stream, early)),
            Ok(ForwardReply::Error(cause)) => Err(CliError::Role(format!("the guest's port {port}: {cause}"))),
            Err(_) => Err(CliError::Role(format!("the card of host {} gave no answer", place.host))),
        }
    };
    match tokio::time::timeout(CONNECT_TIMEOUT, handshake).await {
        Ok(outcome) => outcome,
        Err(_) => Err(CliError::Role(format!("the guest's port {port} did not answer within {CONNECT_TIMEOUT:?}"))),
    }
}

/// Joins a stream to standard input and output. Ends when the guest ends; the end of input is passed on.
fn pipe_stdio(guest: UnixStream, early: &[u8]) -> std::io::Result<()> {
    let mut from_guest = guest.into_std()?;
    from_guest.set_nonblocking(false)?;
    let mut to_guest = from_guest.try_clone()?;
    // Not joined: a read of standard input cannot be woken, and the process ends with the guest.
    std::thread::spawn(move || {
        let _ = std::io::copy(&mut std::io::stdin().lock(), &mut to_guest);
        let _ = to_guest.shutdown(std::net::Shutdown::Write);
    });
    let mut out = std::io::stdout().lock();
    out.write_all(early)?;
    out.flush()?;
    let mut buffer = vec![0u8; 32 << 10];
    loop {
        let n = from_guest.read(&mut buffer)?;
        if n == 0 {
            return Ok(());
        }
        out.write_all(&buffer[..n])?;
        out.flush()?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::net::UnixListener;
    use types::InterfaceId;

    #[tokio::test]
    async fn the_cards_answer_is_followed_by_the_guests_bytes() {
        let temp = tempfile::tempdir().unwrap();
        let dir = DataDir::new(temp.path());
        std::fs::create_dir(dir.run()).unwrap();
        let place = Place { host: "a1-h1".parse().unwrap(), interface: InterfaceId::from_random(7) };
        let listener = UnixListener::bind(dir.card_forward_socket(&place.host)).unwrap();
        let interface = place.interface;
        let card = tokio::spawn(async move {
            for n in 0..2 {
                let (stream, _) = listener.accept().await.unwrap();
                let mut stream = BufReader::new(stream);
                let mut line = String::new();
                stream.read_line(&mut line).await.unwrap();
                let request: ForwardRequest = serde_json::from_str(&line).unwrap();
                assert_eq!((request.interface, request.port), (interface, 22));
                let reply = if n == 0 { ForwardReply::Ok } else { ForwardReply::Error("refused".into()) };
                let text = format!("{}\nSSH-2.0", serde_json::to_string(&reply).unwrap());
                stream.write_all(text.as_bytes()).await.unwrap();
            }
        });
        let (mut guest, mut heard) = connect(&dir, &place, 22).await.unwrap();
        guest.read_to_end(&mut heard).await.unwrap();
        assert_eq!(heard, b"SSH-2.0");
        let refused = connect(&dir, &place, 22).await.unwrap_err();
        assert!(refused.to_string().contains("refused"), "{refused}");
        card.await.unwrap();
        drop(temp);
        assert!(connect(&dir, &place, 22).await.is_err());
    }
}
