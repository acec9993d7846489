//! Inventories: the machines that are expected, as the table of `Get-ADComputer | Export-Csv`, or one name a line.

use super::fields::Fields;
use super::reading::{FormatError, Reading, Skipped};
use super::table::{self, Table};
use super::text::decode;
use super::values::{bare, flag, machine, squeezed, words};
use crate::license::{MachineName, Report};
use std::borrow::Cow;

/// The columns with the name of a machine, without blanks and in lower case: names with a domain first.
const NAMES: [&str; 10] = [
    "dnshostname",
    "fqdn",
    "name",
    "computername",
    "computer",
    "hostname",
    "machinename",
    "devicename",
    "samaccountname",
    "cn",
];

/// What a system is called that reports Windows licenses.
const SYSTEMS: [&str; 2] = ["windows", "hyper-v"];

/// The longest text that is kept beside a name, in characters.
const MAX_TEXT: usize = 60;

/// A machine that is expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    pub name: MachineName,
    /// When it last logged on, as the table has it: in the form of whoever made the table.
    pub last_logon: Option<String>,
    pub operating_system: Option<String>,
}

/// What one file lists.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Accounts {
    pub expected: Vec<Account>,
    /// How many accounts are not expected: disabled ones, and those of other systems than Windows.
    pub unexpected: u64,
    /// Rows and lines without the name of a machine.
    pub skipped: Skipped,
}

/// Reads an inventory. More than `most` machines are not read.
///
/// # Errors
/// [`FormatError`] where it is no text, lists no machine, or ends in the middle.
pub fn read(bytes: &[u8], most: usize) -> Result<Accounts, FormatError> {
    let text = decode(bytes)?;
    // What is typed has no line end at its end; a row that is cut has too few fields.
    let text = if text.ends_with(['\n', '\r']) { text } else { Cow::Owned(text.into_owned() + "\n") };
    let mut accounts = Accounts::default();
    let mut ignore = |_: Report| ();
    let mut reading = Reading::new(&mut ignore);
    if is_table(&text) {
        table::each(&text, is_table, &mut reading, &mut |text, lines, reading| {
            let table = table_of(text).ok_or(FormatError::Unknown)?.behind(lines);
            table.rows(reading, &mut |row, reading| accounts.take_row(row, reading, most))
        })?;
    } else {
        accounts.take_lines(&text, &mut reading, most);
    }
    accounts.skipped = reading.skipped().clone();
    match accounts.expected.len() as u64 + accounts.unexpected {
        // What has more of anything else is something else.
        found if found == 0 || found < accounts.skipped.count => Err(FormatError::Unknown),
        _ => Ok(accounts),
    }
}

fn table_of(text: &str) -> Option<Table<'_>> {
    let table = Table::open(text, |name| squeezed(name.trim_matches(['"', '\u{feff}'])))?;
    NAMES.iter().any(|name| table.has(name)).then_some(table)
}

fn is_table(text: &str) -> bool {
    table_of(text).is_some()
}

impl Accounts {
    fn take_row(&mut self, row: &Fields<'_>, reading: &mut Reading<'_>, most: usize) {
        let mut named = NAMES.iter().filter_map(|column| row.text(column));
        let Some(name) = named.clone().find_map(|text| machine(text).ok().flatten()) else {
            reading.skip(row.place(), "this is no name of a machine", named.next().unwrap_or_default());
            return;
        };
        let is_disabled = row.text("enabled").and_then(|text| flag(text).ok().flatten()) == Some(false);
        let system = row.text("operatingsystem");
        let is_other = system.is_some_and(|system| {
            let system = system.to_lowercase();
            !SYSTEMS.iter().any(|known| system.contains(known))
        });
        if is_disabled || is_other {
            self.unexpected += 1;
            return;
        }
        let text = |text: &str| words(text).filter(|text| text.chars().count() <= MAX_TEXT);
        let last_logon = ["lastlogondate", "lastlogon"].iter().find_map(|column| row.text(column));
        self.push(name, last_logon.and_then(text), system.and_then(text), most);
    }

    fn take_lines(&mut self, text: &str, reading: &mut Reading<'_>, most: usize) {
        for (number, line) in (1..).zip(text.lines()) {
            let line = line.split('#').next().unwrap_or_default();
            let Some(name) = bare(line.trim_start_matches('\u{feff}')) else { continue };
            match machine(name) {
                Ok(Some(name)) => self.push(name, None, None, most),
                Ok(None) => reading.skip(format_args!("line {number}"), "this is no name of a machine", name),
                Err(why) => reading.skip(format_args!("line {number}"), why, name),
            }
        }
    }

    /// Adds a machine. One more than there may be shows that there are too many.
    fn push(&mut self, name: MachineName, last_logon: Option<String>, operating_system: Option<String>, most: usize) {
        if self.expected.len() <= most {
            self.expected.push(Account { name, last_logon, operating_system });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use encoding_rs::SHIFT_JIS;

    /// The names that an inventory lists, and how many accounts are not expected and skipped.
    fn names(bytes: &[u8]) -> (String, u64, u64) {
        let accounts = read(bytes, 1000).unwrap();
        let names: Vec<_> = accounts.expected.iter().map(|account| account.name.as_str()).collect();
        (names.join(" "), accounts.unexpected, accounts.skipped.count)
    }

    /// As Windows PowerShell 5.1 writes it.
    const EXPORTED: &str = "#TYPE Microsoft.ActiveDirectory.Management.ADComputer\r\n\
        \"DistinguishedName\",\"DNSHostName\",\"Enabled\",\"LastLogonDate\",\"Name\",\"OperatingSystem\",\"SamAccountName\"\r\n\
        \"CN=WS0417,OU=Clients,DC=corp,DC=example\",\"WS0417.corp.example\",\"True\",\"11/28/2026 9:12:03 AM\",\"WS0417\",\"Windows 11 Enterprise\",\"WS0417$\"\r\n\
        \"CN=NEW01,OU=Clients,DC=corp,DC=example\",,\"True\",,\"NEW01\",,\"NEW01$\"\r\n\
        \"CN=OLD01,OU=Clients,DC=corp,DC=example\",\"old01.corp.example\",\"False\",\"1/2/2024 1:00:00 PM\",\"OLD01\",\"Windows 7 Professional\",\"OLD01$\"\r\n\
        \"CN=NAS01,OU=Storage,DC=corp,DC=example\",\"nas01.corp.example\",\"True\",\"11/28/2026 9:00:00 AM\",\"NAS01\",\"Data ONTAP\",\"NAS01$\"\r\n\
        \"CN=HV01,OU=Hosts,DC=corp,DC=example\",\"hv01.corp.example\",\"True\",\"11/28/2026 9:00:00 AM\",\"HV01\",\"Hyper-V Server 2019\",\"HV01$\"\r\n";

    #[test]
    fn an_export_of_active_directory_is_read_as_it_is() {
        let expected = ("ws0417.corp.example new01 hv01.corp.example".to_owned(), 2, 0);
        assert_eq!(names(EXPORTED.as_bytes()), expected);
        let without_type = EXPORTED.split_once('\n').unwrap().1;
        for text in [without_type.to_owned(), format!("\u{feff}{without_type}")] {
            assert_eq!(names(text.as_bytes()), expected, "{text}");
        }
        let utf16: Vec<u8> = EXPORTED.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let marked: Vec<u8> = [0xff, 0xfe].into_iter().chain(utf16.iter().copied()).collect();
        assert_eq!(names(&marked), expected);
        assert_eq!(names(&utf16), expected);
        let account = read(EXPORTED.as_bytes(), 10).unwrap().expected.remove(0);
        assert_eq!(account.last_logon.as_deref(), Some("11/28/2026 9:12:03 AM"));
        assert_eq!(account.operating_system.as_deref(), Some("Windows 11 Enterprise"));
    }

    #[test]
    fn the_delimiter_is_that_of_the_region() {
        for delimiter in [",", ";", "\t"] {
            let text = ["Name;Enabled", "WS1;True", "WS2;False", "\"WS3\";\"True\""].join("\n").replace(';', delimiter);
            assert_eq!(names(text.as_bytes()), ("ws1 ws3".to_owned(), 1, 0), "{delimiter:?}");
        }
        assert_eq!(names(b"sep=;\r\nName;Enabled\r\nWS1;True\r\n").0, "ws1");
        // A table of one column.
        assert_eq!(names(b"\"Name\"\r\n\"WS1\"\r\n\"WS2\"\r\n").0, "ws1 ws2");
    }

    #[test]
    fn names_come_one_a_line_with_comments() {
        let text = "# All of floor 2\nws0417.corp.example\n\n  WS0418   # new\nCORP\\WS0419$\n\"WS0420\"\n\\\\ws0421";
        assert_eq!(names(text.as_bytes()).0, "ws0417.corp.example ws0418 ws0419 ws0420 ws0421");
        assert_eq!(names("ws1\n192.0.2.1\nws2\n".as_bytes()), ("ws1 ws2".to_owned(), 0, 1));
        let japanese = SHIFT_JIS.encode("# 営業部のコンピューター\nws1\n経理01\n").0.into_owned();
        assert_eq!(names(&japanese).0, "ws1 経理01");
    }

    #[test]
    fn what_is_no_inventory_is_refused_and_so_is_one_that_is_cut() {
        let refused = |bytes: &[u8]| read(bytes, 1000).unwrap_err();
        assert_eq!(refused(b""), FormatError::Empty);
        assert_eq!(refused(b"# nothing but words\n"), FormatError::Unknown);
        assert_eq!(refused(b"Dear all,\nhere is the list.\nIt follows.\n"), FormatError::Unknown);
        assert_eq!(refused(b"Colour,Size\nred,1\nblue,2\n"), FormatError::Unknown);
        assert!(refused(b"Name,Enabled\nWS1,True\n\"WS2").is_cut_off());
        assert!(matches!(refused(b"PK\x03\x04rest of a workbook"), FormatError::NotText(_)));
        // Of a row that is cut nothing is believed.
        assert_eq!(names(b"Name,Enabled\nWS1,True\nWS2,True\nWS"), ("ws1 ws2".to_owned(), 0, 1));
    }

    #[test]
    fn one_more_than_there_may_be_is_enough_to_know() {
        let text = "ws1\nws2\nws3\nws4\n";
        assert_eq!(read(text.as_bytes(), 2).unwrap().expected.len(), 3);
    }
}
