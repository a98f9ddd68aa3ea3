//! Purpose: `slipway people`: who may be asked, and where. They live in machine.yaml, which people may edit too.

use domain::ids::PersonId;
use local::machine_file::{MachineFile, PersonEntry};
use serde_json::json;

use crate::args::{Global, PeopleCommand};
use crate::data;
use crate::failure::Failure;
use crate::output::table::{Cell, Fit, Table};
use crate::output::{self, style};

/// Lists, adds or removes.
pub fn run(global: &Global, command: PeopleCommand) -> Result<u8, Failure> {
    let dir = data::dir(global)?;
    let mut file = MachineFile::read(&dir)?;
    match command {
        PeopleCommand::List => list(global, &file.people),
        PeopleCommand::Add {
            login,
            name,
            email,
            teams,
            id,
        } => {
            let wish = Wish {
                login,
                name,
                email,
                teams,
                id: id.map(PersonId),
            };
            let entry = wish.into_file(&mut file)?;
            data::make(&dir)?;
            file.write(&dir)?;
            if global.json {
                output::document(&entry)?;
            } else {
                let login = output::clean(&entry.login);
                let address = entry.email.as_deref().unwrap_or("no address");
                output::line(format!("{login} is declared (id {}, {address}).", entry.id))?;
            }
            Ok(0)
        }
        PeopleCommand::Remove { login } => {
            let Some(at) = file.people.iter().position(|person| person.login == login) else {
                return Err(unknown(&login, &file.people));
            };
            let gone = file.people.remove(at);
            file.write(&dir)?;
            if global.json {
                output::document(&json!({ "removed": gone }))?;
            } else {
                let login = output::clean(&gone.login);
                output::line(format!("{login} is removed, and cannot approve any more."))?;
            }
            Ok(0)
        }
    }
}

struct Wish {
    login: String,
    name: Option<String>,
    email: Option<String>,
    teams: Vec<String>,
    id: Option<PersonId>,
}

impl Wish {
    /// Adds the person, or changes what was named of the one with this login.
    fn into_file(self, file: &mut MachineFile) -> Result<PersonEntry, Failure> {
        if let Some(email) = &self.email
            && !email
                .split_once('@')
                .is_some_and(|(user, host)| !user.is_empty() && !host.is_empty())
        {
            return Err(Failure::usage(format!("{email:?} is not a mail address"))
                .help("write it as ana@example.com"));
        }
        let known = file
            .people
            .iter_mut()
            .find(|person| person.login == self.login);
        if let Some(person) = known {
            if let Some(id) = self.id.filter(|id| *id != person.id) {
                return Err(Failure::usage(format!(
                    "{} has the id {}, not {id}",
                    self.login, person.id
                ))
                .help("the journal knows people by their id, so it never changes; remove the person first"));
            }
            person.name = self.name.or(person.name.take());
            person.email = self.email.or(person.email.take());
            if !self.teams.is_empty() {
                person.teams = self.teams;
            }
            return Ok(person.clone());
        }
        let next = file
            .people
            .iter()
            .map(|person| person.id.0)
            .max()
            .unwrap_or(0);
        let entry = PersonEntry {
            id: self.id.unwrap_or(PersonId(next.saturating_add(1))),
            login: self.login,
            name: self.name,
            email: self.email,
            teams: self.teams,
        };
        file.people.push(entry.clone());
        Ok(entry)
    }
}

fn list(global: &Global, people: &[PersonEntry]) -> Result<u8, Failure> {
    if global.json {
        for person in people {
            output::json_line(person)?;
        }
        return Ok(0);
    }
    if people.is_empty() {
        output::note(
            "Nobody is declared. `slipway people add LOGIN --email ADDRESS` declares a person.",
        );
        return Ok(0);
    }
    let mut table = Table::new(&[
        ("LOGIN", Fit::Whole),
        ("ID", Fit::Whole),
        ("NAME", Fit::Cut),
        ("ADDRESS", Fit::Cut),
        ("TEAMS", Fit::Cut),
    ]);
    for person in people {
        let text = |text: Option<&String>| output::clean(text.map_or("", String::as_str));
        table.row([
            Cell::styled(output::clean(&person.login), style::STRONG),
            Cell::new(person.id.to_string()),
            Cell::new(text(person.name.as_ref())),
            Cell::new(text(person.email.as_ref())),
            Cell::new(output::clean(&person.teams.join(", "))),
        ]);
    }
    output::write(&table.render(output::width()))?;
    Ok(0)
}

fn unknown(login: &str, people: &[PersonEntry]) -> Failure {
    let logins: Vec<&str> = people.iter().map(|person| person.login.as_str()).collect();
    let help = match logins.as_slice() {
        [] => "nobody is declared".to_owned(),
        logins => format!("declared are: {}", logins.join(", ")),
    };
    Failure::usage(format!("nobody is declared as {login:?}")).help(help)
}
