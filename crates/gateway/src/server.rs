//! Listens, limits, and hands each request on.
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use platform::rpc::{self, Router};
use platform::settings::{Settings, SettingsError};
use platform::{DataDir, disk};
use std::convert::Infallible;
use types::Generation;
use wire::api::{GatewayStatus, GetGatewayStatus};

#[derive(Debug, thiserror::Error)]
pub enum GatewayError {
    #[error(transparent)]
    Settings(#[from] SettingsError),
    #[error("cannot {what}")]
    Io { what: String, source: std::io::Error },
}

pub async fn run(dir: DataDir) -> Result<(), GatewayError> {
    let settings = Settings::load(&dir)?;
    let io = |what: &str| {
        let what = what.to_owned();
        move |source| GatewayError::Io { what, source }
    };
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", settings.port)).await.map_err(io("listen"))?;
    let port = listener.local_addr().map_err(io("listen"))?.port();
    disk::write_atomic(&dir.run().join("gateway.port"), port.to_string().as_bytes()).map_err(io("write gateway.port"))?;
    let control = rpc::bind(&dir.socket("gateway")).map_err(io("bind"))?;
    let router = Router::new().on::<GetGatewayStatus, _, _>(|_| async {
        Ok(GatewayStatus { credentials: Generation(0), requests: 0, denied: 0, region_unreachable: 0 })
    });
    tokio::task::spawn_local(rpc::serve(control, router));
    loop {
        let (stream, _) = listener.accept().await.map_err(io("accept"))?;
        tokio::task::spawn_local(async move {
            let service = hyper::service::service_fn(|r: Request<Incoming>| async move {
                let ok = matches!(r.uri().path(), "/healthz" | "/readyz");
                let mut response = Response::new(Full::new(Bytes::from_static(b"ok\n")));
                if !ok {
                    *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
                }
                Ok::<_, Infallible>(response)
            });
            let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}
