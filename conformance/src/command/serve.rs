//! `siospec serve`.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::process::ExitCode;

use clap::Args;

use super::Failure;
use crate::contract::Eio3;
use crate::server::Server;

#[derive(Debug, Args)]
pub(super) struct Serve {
    /// The port; 0 is any free one
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// The address to listen on
    #[arg(long, default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    host: IpAddr,
    /// Serve clients of Engine.IO 3 and Socket.IO 2 as well, which are refused otherwise
    #[arg(long)]
    allow_eio3: bool,
}

impl Serve {
    pub(super) async fn execute(self) -> Result<ExitCode, Failure> {
        let address = SocketAddr::new(self.host, self.port);
        let eio3 = if self.allow_eio3 { Eio3::Allowed } else { Eio3::Refused };
        let server = Server::start(address, eio3)
            .await
            .map_err(|error| Failure::unreachable(format!("cannot listen on {address}: {error}")))?;
        println!("{}", server.url());
        tokio::select! {
            () = server.run() => {}
            // Without a way to hear the signal there is nothing to wait for but the signal's own effect.
            Ok(()) = tokio::signal::ctrl_c() => {}
        }
        Ok(ExitCode::SUCCESS)
    }
}
