//! The options that say where the server is, and what requests need to be accepted.

use std::path::PathBuf;

use clap::Args;
use sio_codec::socketio::Parser;

use super::Failure;
use crate::contract::Kind;
use crate::party::network::{Access, Target, TargetError, Trust};

/// The paths of the protocols on the server, and what is added to each request.
#[derive(Debug, Args)]
#[command(next_help_heading = "Server")]
pub(super) struct Place {
    /// The path of Socket.IO
    #[arg(long, value_name = "PATH", default_value = Kind::Socket.default_path())]
    path: String,
    /// The path of the Engine.IO echo application
    #[arg(long, value_name = "PATH", default_value = Kind::Engine.default_path())]
    engine_path: String,
    /// Add a parameter to the query of every request; may be repeated
    #[arg(long, value_name = "NAME=VALUE", value_parser = parameter)]
    query: Vec<(String, String)>,
    /// Add a header field to every request, unless the case sends its own of that name; may be repeated
    #[arg(long, value_name = "NAME: VALUE", value_parser = header)]
    header: Vec<(String, String)>,
    /// Begin with this cookie; cookies that the server sets are kept as well; may be repeated
    #[arg(long, value_name = "NAME=VALUE", value_parser = cookie)]
    cookie: Vec<String>,
    /// The form of Socket.IO packets: json, or msgpack for a server with socket.io-msgpack-parser
    #[arg(long, value_name = "PARSER", default_value = "json", value_parser = parser)]
    parser: Parser,
    /// Accept every certificate of a server behind https://
    #[arg(long, conflicts_with = "ca")]
    insecure: bool,
    /// Trust the certificates in this file, in PEM format, instead of those that the system trusts
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
}

impl Place {
    /// Uses the path of a recording, unless another one was named.
    pub(super) fn recorded(&mut self, path: String) {
        if self.path == Kind::Socket.default_path() {
            self.path = path;
        }
    }

    /// The two targets of a URL: Engine.IO, and Socket.IO.
    pub(super) fn targets(&self, url: &str) -> Result<(Target, Target), Failure> {
        let engine = self.target(url, "--engine-path", &self.engine_path)?;
        let socket = engine.at(&self.path).map_err(|error| failure(&error, url, "--path", &self.path))?;
        Ok((engine, socket.with_parser(self.parser)))
    }

    pub(super) const fn parser(&self) -> Parser {
        self.parser
    }

    /// The options again, without those that may hold a secret: parameters, header fields and cookies.
    pub(super) fn words(&self) -> Vec<String> {
        let mut words = Vec::new();
        let mut add = |option: &str, value: &str, default: &str| {
            if value != default {
                words.extend([option.to_owned(), value.to_owned()]);
            }
        };
        add("--path", &self.path, Kind::Socket.default_path());
        add("--engine-path", &self.engine_path, Kind::Engine.default_path());
        if let Some(file) = &self.ca {
            add("--ca", &file.display().to_string(), "");
        }
        if self.parser == Parser::MsgPack {
            add("--parser", "msgpack", "");
        }
        if self.insecure {
            words.push("--insecure".to_owned());
        }
        words
    }

    fn target(&self, url: &str, option: &str, path: &str) -> Result<Target, Failure> {
        let trust = match (&self.ca, self.insecure) {
            (Some(file), _) => Trust::Authority(file.clone()),
            (None, true) => Trust::Anyone,
            (None, false) => Trust::System,
        };
        let access =
            Access { query: self.query.clone(), headers: self.header.clone(), cookies: self.cookie.clone(), trust };
        Target::with(url, path, &access).map_err(|error| failure(&error, url, option, path))
    }
}

/// An error that names the wrong word and the option that it was given with.
fn failure(error: &TargetError, url: &str, option: &str, path: &str) -> Failure {
    Failure::usage(match error {
        TargetError::NoPath | TargetError::BadPath => format!("{option} {path:?}: {error}"),
        TargetError::BadCookie(_) | TargetError::Authority(..) => error.to_string(),
        // The URL has a password, which must not get into logs.
        TargetError::User => format!("the server's URL cannot be used: {error}"),
        _ => format!("{url:?} is not a server's URL: {error}"),
    })
}

/// The parser of this name.
pub(super) fn parser(name: &str) -> Result<Parser, &'static str> {
    match name {
        "json" => Ok(Parser::Json),
        "msgpack" => Ok(Parser::MsgPack),
        _ => Err("it is neither json nor msgpack"),
    }
}

fn parameter(text: &str) -> Result<(String, String), &'static str> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("it is not of the form name=value"),
    }
}

fn header(text: &str) -> Result<(String, String), &'static str> {
    let (name, value) = text.split_once(':').ok_or("it is not of the form 'Name: value'")?;
    let (name, value) = (name.trim(), value.trim());
    hyper::header::HeaderName::try_from(name).map_err(|_| "its name is none that HTTP allows")?;
    hyper::header::HeaderValue::try_from(value).map_err(|_| "its value is none that HTTP allows")?;
    Ok((name.to_owned(), value.to_owned()))
}

fn cookie(text: &str) -> Result<String, &'static str> {
    parameter(text).map(|_| text.to_owned())
}
