//! Certificates of a test's own: an authority, what it signs, and what nobody signed.
//!
//! Every one has a P-256 key and comes as PEM files. OpenSSL makes them, on a day libfaketime chooses, so that they can
//! begin and end on any.

use std::fs::{self, Permissions};
use std::net::IpAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use super::directory::TemporaryDirectory;
use super::{faketime, program};

/// When a certificate is valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Validity {
    /// Since yesterday, for 364 more days.
    Good,
    /// For thirty days, until yesterday.
    Expired,
    /// For thirty days, from tomorrow on.
    NotYet,
    /// Since yesterday, for this many more days.
    EndingIn(u32),
}

impl Validity {
    /// The day it begins, as libfaketime writes it, and how many days it lasts.
    fn begin_and_days(self) -> (&'static str, u32) {
        match self {
            Self::Good => ("-1d", 365),
            Self::Expired => ("-31d", 30),
            Self::NotYet => ("+1d", 30),
            Self::EndingIn(days) => ("-1d", days + 1),
        }
    }
}

/// What is unusual about a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Odd {
    /// It is signed with SHA-1.
    Sha1,
    /// It is signed with SHA-512 by a key for P-256, as Windows takes it.
    Sha512,
    /// Its key is one for RSA, of 1024 bits.
    ShortKey,
    /// The same, of 2048 bits.
    LongKey,
    /// It says where its issuer's certificate is, as those of public authorities do.
    NamingIssuer,
}

impl Odd {
    /// What OpenSSL is given beside the rest.
    const fn arguments(self) -> &'static [&'static str] {
        match self {
            Self::Sha1 => &["-sha1"],
            Self::Sha512 => &["-sha512"],
            Self::ShortKey => &["-newkey", "rsa:1024"],
            Self::LongKey => &["-newkey", "rsa:2048"],
            Self::NamingIssuer => &[],
        }
    }
}

/// A root of trust and an intermediate under it, which signs for servers.
#[derive(Clone, Debug)]
pub struct Authority {
    directory: Arc<TemporaryDirectory>,
    root: Files,
    intermediate: Files,
}

impl Authority {
    /// A root by this name, and an intermediate that has ` Intermediate` after it.
    pub fn new(name: &str) -> Self {
        Self::with_intermediate(name, Validity::Good)
    }

    /// The same with an intermediate that is valid at other times; the root always is.
    pub fn with_intermediate(name: &str, validity: Validity) -> Self {
        let directory = Arc::new(TemporaryDirectory::new("authority"));
        let root = make(&directory, name, AUTHORITY, Validity::Good, None);
        let intermediate = make(&directory, &format!("{name} Intermediate"), AUTHORITY, validity, Some(&root));
        Self { directory, root, intermediate }
    }

    /// Signs a certificate for a server by these names or IP addresses; the first is its common name too.
    pub fn issue(&self, names: &[&str], validity: Validity) -> Certificate {
        self.issue_with(names, &extensions("serverAuth", names), validity)
    }

    /// Signs a certificate for a client by these names or IP addresses.
    pub fn issue_to_client(&self, names: &[&str], validity: Validity) -> Certificate {
        self.issue_with(names, &extensions("clientAuth", names), validity)
    }

    fn issue_with(&self, names: &[&str], extensions: &str, validity: Validity) -> Certificate {
        let leaf = make(&self.directory, names[0], extensions, validity, Some(&self.intermediate));
        let both = [&leaf.certificate, &self.intermediate.certificate].map(|path| read(path));
        let chain = self.directory.write(&format!("{}.chain", file_stem()), both.concat());
        Certificate { chain, leaf: leaf.certificate, key: leaf.key, directory: Arc::clone(&self.directory) }
    }

    /// The same with something that makes it weak, or says where its issuer is to be had.
    pub fn issue_odd(&self, names: &[&str], odd: Odd) -> Certificate {
        let (mut extensions, arguments) = (server_extensions(names), odd.arguments());
        if odd == Odd::NamingIssuer {
            extensions += "authorityInfoAccess = caIssuers;URI:http://issuer.example/intermediate.crt\n";
        }
        let signer = Some(&self.intermediate);
        let leaf = make_with(&self.directory, None, names[0], &extensions, Validity::Good, signer, arguments);
        let both = [&leaf.certificate, &self.intermediate.certificate].map(|path| read(path));
        let chain = self.directory.write(&format!("{}.chain", file_stem()), both.concat());
        Certificate { chain, leaf: leaf.certificate, key: leaf.key, directory: Arc::clone(&self.directory) }
    }

    /// The same signed by the root itself, with no intermediate in the chain.
    pub fn issue_by_root(&self, names: &[&str], validity: Validity) -> Certificate {
        let leaf = make(&self.directory, names[0], &server_extensions(names), validity, Some(&self.root));
        Certificate::alone(leaf, Arc::clone(&self.directory))
    }

    /// Another certificate for the root, signed by another root, as a new authority has it from an old one.
    pub fn root_signed_by(&self, other: &Self, validity: Validity) -> PathBuf {
        let name = describe(&self.root.certificate, &["-subject", "-nameopt", "multiline"]);
        let (_, name) = name.trim().rsplit_once("= ").expect("a root has a name");
        make_for(&self.directory, Some(&self.root.key), name, AUTHORITY, validity, Some(&other.root)).certificate
    }

    /// The root's certificate, for whoever is to trust it.
    pub fn root(&self) -> PathBuf {
        self.root.certificate.clone()
    }

    /// The intermediate's certificate.
    pub fn intermediate(&self) -> PathBuf {
        self.intermediate.certificate.clone()
    }
}

/// A server's certificate. Its files last as long as it or its authority does; a server has read them once it is up.
#[derive(Clone, Debug)]
pub struct Certificate {
    /// What a server sends: its own certificate, then the intermediate's if there is one.
    pub chain: PathBuf,
    /// Its own certificate alone.
    pub leaf: PathBuf,
    /// Its private key.
    pub key: PathBuf,
    directory: Arc<TemporaryDirectory>,
}

impl Certificate {
    /// One that nobody signed but itself.
    pub fn self_signed(names: &[&str]) -> Self {
        let directory = Arc::new(TemporaryDirectory::new("certificate"));
        let files = make(&directory, names[0], &server_extensions(names), Validity::Good, None);
        Self::alone(files, directory)
    }

    /// One of a client that nobody signed but itself, and that calls itself an authority, as `openssl req -x509` does.
    pub fn self_signed_client(name: &str) -> Self {
        let directory = Arc::new(TemporaryDirectory::new("certificate"));
        let files = make(&directory, name, "basicConstraints = critical, CA:true\n", Validity::Good, None);
        Self::alone(files, directory)
    }

    fn alone(files: Files, directory: Arc<TemporaryDirectory>) -> Self {
        Self { chain: files.certificate.clone(), leaf: files.certificate, key: files.key, directory }
    }

    /// The same with a chain that leaves out the intermediate, as a server's does whose administrator forgot it.
    pub fn without_intermediate(&self) -> Self {
        Self { chain: self.leaf.clone(), ..self.clone() }
    }
}

/// What `openssl x509` says of the first certificate in a file, asked with arguments such as `-dates` or
/// `-fingerprint -sha256`.
pub fn describe(certificate: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new(program::find("openssl", "openssl"));
    command.args(["x509", "-noout", "-in"]).arg(certificate).args(arguments);
    run(command)
}

#[derive(Clone, Debug)]
struct Files {
    certificate: PathBuf,
    key: PathBuf,
}

/// What makes a certificate an authority's.
const AUTHORITY: &str = "basicConstraints = critical, CA:true\nkeyUsage = critical, keyCertSign, cRLSign\n";

/// Makes a key and its certificate, signed by `signer` or by itself.
fn make(
    directory: &TemporaryDirectory,
    subject: &str,
    extensions: &str,
    validity: Validity,
    signer: Option<&Files>,
) -> Files {
    make_for(directory, None, subject, extensions, validity, signer)
}

/// Makes a certificate for a key, or for a new one.
fn make_for(
    directory: &TemporaryDirectory,
    key: Option<&Path>,
    subject: &str,
    extensions: &str,
    validity: Validity,
    signer: Option<&Files>,
) -> Files {
    make_with(directory, key, subject, extensions, validity, signer, &[])
}

/// The same with more arguments, among them the kind of a new key where that is not the usual one.
fn make_with(
    directory: &TemporaryDirectory,
    key: Option<&Path>,
    subject: &str,
    extensions: &str,
    validity: Validity,
    signer: Option<&Files>,
    arguments: &[&str],
) -> Files {
    let stem = file_stem();
    // The system's own configuration would add extensions of its own.
    let configuration = directory.write(
        &format!("{stem}.cnf"),
        format!(
            "[req]\n\
             prompt = no\n\
             distinguished_name = subject\n\
             x509_extensions = extensions\n\
             [subject]\n\
             CN = {subject}\n\
             [extensions]\n\
             subjectKeyIdentifier = hash\n\
             authorityKeyIdentifier = keyid\n\
             {extensions}"
        ),
    );
    let files = Files {
        certificate: directory.path().join(format!("{stem}.pem")),
        key: key.map_or_else(|| directory.path().join(format!("{stem}.key")), Path::to_owned),
    };
    let (begin, days) = validity.begin_and_days();
    let mut command = Command::new(program::find("openssl", "openssl"));
    command.args(["req", "-x509", "-days", &days.to_string(), "-config"]).arg(configuration);
    command.arg("-out").arg(&files.certificate);
    if let Some(key) = key {
        command.arg("-key").arg(key);
    } else {
        if !arguments.contains(&"-newkey") {
            command.args(["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]);
        }
        command.args(["-noenc", "-keyout"]).arg(&files.key);
    }
    command.args(arguments);
    if let Some(signer) = signer {
        command.arg("-CA").arg(&signer.certificate).arg("-CAkey").arg(&signer.key);
    }
    faketime::shift(&mut command, begin);
    run(command);
    // Some servers run as somebody else.
    fs::set_permissions(&files.key, Permissions::from_mode(0o644)).expect("a file of ours can be shared");
    files
}

/// What makes a certificate one for a server by these names.
fn server_extensions(names: &[&str]) -> String {
    extensions("serverAuth", names)
}

/// What makes a certificate one for a use by these names.
fn extensions(usage: &str, names: &[&str]) -> String {
    let names = names.iter().map(|name| match name.parse::<IpAddr>() {
        Ok(address) => format!("IP:{address}"),
        Err(_) => format!("DNS:{name}"),
    });
    let names = names.collect::<Vec<_>>().join(", ");
    format!(
        "basicConstraints = critical, CA:false\n\
         keyUsage = critical, digitalSignature\n\
         extendedKeyUsage = {usage}\n\
         subjectAltName = {names}\n"
    )
}

/// A name for files that no others have: subjects repeat, and may be no file names at all.
fn file_stem() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed).to_string()
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("cannot read {}: {error}", path.display()))
}

/// Runs a command to its end and returns what it printed.
fn run(mut command: Command) -> String {
    let output = command.output().expect("openssl can be run");
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?} fails: {complaint}");
    String::from_utf8(output.stdout).expect("openssl prints text")
}
