//! The names of agents.

use std::fmt;

/// The longest name of an agent, in characters.
const MAX_NAME: usize = 60;

/// The name of an agent.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Agent(String);

impl Agent {
    /// # Errors
    ///
    /// What is wrong with the name, in a sentence.
    pub(crate) fn new(name: Option<&str>) -> Result<Self, String> {
        match name {
            None | Some("") => Err("the agent has no name: add ?agent=NAME".to_owned()),
            Some(name) if name.chars().count() > MAX_NAME => {
                Err(format!("the name of the agent has more than {MAX_NAME} characters"))
            }
            Some(name) if name.chars().any(char::is_control) => {
                Err("the name of the agent has a control character".to_owned())
            }
            Some(name) => Ok(Self(name.to_owned())),
        }
    }
}

impl fmt::Display for Agent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::ops::Deref for Agent {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}
