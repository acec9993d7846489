//! Logging in to a proxy with what Windows networks log in with: Kerberos tickets and NTLM passwords.
//!
//! The messages are the `sspi` crate's. It asks for every question to a KDC to be carried, which is done here: over
//! TCP, within a time limit, and with a limit on the answer. What the KDC refuses is read off its answers, as their
//! codes say it more exactly than the errors of the crate do.

use crate::host::{Host, HostPort};
use crate::observation::{Detail, Failure, Reason, Value, detail};
use crate::online::proxy::{Credentials, Scheme};
use crate::probe::system;
use crate::wire::{kdc_answer, negotiate};
use sspi::generator::GeneratorState;
use sspi::kerberos::config::parse_kdc_url;
use sspi::negotiate::ProtocolConfig;
use sspi::ntlm::NtlmConfig;
use sspi::{
    AuthIdentityBuffers, BufferType, ClientRequestFlags, CredentialsBuffers, DataRepresentation, ErrorKind,
    KdcResolution, KerberosConfig, Negotiate, NegotiateConfig, NetworkProtocol, NetworkRequest, Ntlm, SecurityBuffer,
    Sspi,
};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};

/// The longest answer of a KDC that is read, in bytes. A ticket of somebody in very many groups has some 50,000.
const MAX_ANSWER: usize = 65_536;

/// How many bytes the length before a message has.
const LENGTH: usize = 4;

const KERBEROS_PORT: u16 = 88;

/// An AS-REQ, as an application tag (RFC 4120 section 5.10): a question from somebody who has no ticket yet.
const AS_REQ: u8 = 0x6a;

/// `KRB_AP_ERR_SKEW` (section 7.5.9).
const SKEW: u32 = 37;

/// The machine that logs in, as the logs of domain controllers name it.
const COMPUTER: &str = "GRACEWATCH";

/// A login with a proxy, in several messages over one connection.
pub(super) struct Dialogue {
    mechanism: Mechanism,
    target: Target,
    progress: Progress,
}

/// Boxed as one is some kilobytes larger than the other.
enum Mechanism {
    Negotiate(Box<Negotiate>, Option<CredentialsBuffers>),
    Ntlm(Box<Ntlm>, Option<AuthIdentityBuffers>),
}

/// Who logs in to what.
struct Target {
    account: String,
    realm: String,
    service: String,
}

/// What has happened so far.
#[derive(Default)]
struct Progress {
    /// A message was made, which the proxy may have refused.
    begun: bool,
    /// The KDC found our clock to be wrong. The library goes by the KDC's from there on, as Windows does, and it is
    /// only of interest where the proxy does not.
    skewed: bool,
}

/// Why there is no login.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum LoginError {
    /// Kerberos needs to know whose user this is.
    NoRealm(String),
    /// The configured KDC is not an address.
    InvalidKdc(String),
    /// No KDC is configured, here or in krb5.conf.
    NoKdc(String),
    /// There is no connection to the KDC.
    KdcUnreachable(String, Detail),
    /// The KDC takes too long.
    KdcTimedOut(String),
    /// What answers is no KDC, or broken.
    KdcInvalidAnswer(String, Detail),
    /// `KDC_ERR_C_PRINCIPAL_UNKNOWN`.
    UnknownUser(String),
    /// `KDC_ERR_PREAUTH_FAILED`.
    WrongPassword(String),
    /// `KDC_ERR_KEY_EXPIRED`.
    ExpiredPassword(String),
    /// `KDC_ERR_CLIENT_REVOKED`.
    Locked(String),
    /// `KDC_ERR_S_PRINCIPAL_UNKNOWN` for the proxy.
    UnknownService(String),
    /// `KDC_ERR_WRONG_REALM`, or `KDC_ERR_S_PRINCIPAL_UNKNOWN` for the KDC itself.
    WrongRealm(String),
    /// `KRB_AP_ERR_SKEW`.
    Skewed,
    /// `KDC_ERR_ETYPE_NOSUPP`.
    NoCommonEncryption(String),
    /// Any other code of Kerberos (RFC 4120 section 7.5.9).
    KdcRefused(u32),
    /// The proxy accepts no more messages.
    Refused,
    /// A message that cannot be read.
    Unreadable,
    /// Anything else, in the words of the library.
    Failed(String),
}

impl LoginError {
    fn detail(self) -> Detail {
        match self {
            Self::NoRealm(user) => detail!("login-no-realm", user = user),
            Self::InvalidKdc(kdc) => detail!("login-kdc-malformed", kdc = kdc),
            Self::NoKdc(realm) => detail!("login-no-kdc", realm = realm),
            Self::KdcUnreachable(kdc, why) => detail!("login-kdc-unreachable", kdc = kdc, why = why),
            Self::KdcTimedOut(kdc) => detail!("login-kdc-silent", kdc = kdc),
            Self::KdcInvalidAnswer(kdc, why) => detail!("login-kdc-invalid", kdc = kdc, why = why),
            Self::UnknownUser(user) => detail!("login-no-user", user = user),
            Self::WrongPassword(user) => detail!("login-wrong-password", user = user),
            Self::ExpiredPassword(user) => detail!("login-expired-password", user = user),
            Self::Locked(user) => detail!("login-locked", user = user),
            Self::UnknownService(service) => detail!("login-no-service", service = service),
            Self::WrongRealm(realm) => detail!("login-wrong-realm", realm = realm),
            Self::Skewed => detail!("login-skewed"),
            Self::NoCommonEncryption(user) => detail!("login-no-key", user = user),
            Self::KdcRefused(code) => detail!("login-kdc-refuses", code = code),
            Self::Refused => detail!("login-refused"),
            Self::Unreadable => detail!("login-unreadable"),
            Self::Failed(error) => detail!("login-fails", error = Value::quoted(&error)),
        }
    }
}

impl From<LoginError> for Failure {
    fn from(error: LoginError) -> Self {
        use LoginError as E;
        let reason = match &error {
            // It was refused, by the proxy or by who vouches for its users.
            E::UnknownUser(_)
            | E::WrongPassword(_)
            | E::ExpiredPassword(_)
            | E::Locked(_)
            | E::UnknownService(_)
            | E::WrongRealm(_)
            | E::Skewed
            | E::NoCommonEncryption(_)
            | E::KdcRefused(_)
            | E::Refused => Reason::AuthRejected,
            // It was never shown, and all there is to say of the proxy is that it demands it.
            E::NoRealm(_)
            | E::InvalidKdc(_)
            | E::NoKdc(_)
            | E::KdcUnreachable(..)
            | E::KdcTimedOut(_)
            | E::KdcInvalidAnswer(..)
            | E::Unreadable
            | E::Failed(_) => Reason::AuthRequired,
        };
        let detail = match error {
            E::Refused => error.detail(),
            _ => detail!("login-demanded", why = error.detail()),
        };
        Self::new(reason, detail)
    }
}

impl Dialogue {
    /// A login with a proxy that goes by `proxy`. The user is written `user`, `DOMAIN\user` or `user@REALM`: with a
    /// realm or a KDC, Negotiate is by Kerberos, and else it is NTLM in the same wrapping.
    ///
    /// # Errors
    /// Where Kerberos is to be used and its realm or its KDC is not known.
    pub(super) fn new(credentials: &Credentials, proxy: &Host) -> Result<Self, LoginError> {
        let Credentials { username, password, scheme, kdc } = credentials;
        let (domain, name) = username.split_once('\\').unwrap_or(("", username));
        let (account, realm) = match name.rsplit_once('@') {
            Some(parts) if domain.is_empty() => parts,
            _ => (name, domain),
        };
        let target = Target {
            account: account.to_owned(),
            // Realms are written in capitals by convention, and by the library. They are part of what makes a key.
            realm: realm.to_uppercase(),
            service: format!("HTTP/{proxy}"),
        };
        let of_realm = domain.is_empty() && !realm.is_empty();
        let mechanism = if *scheme == Scheme::Negotiate && (of_realm || kdc.is_some()) {
            if realm.is_empty() {
                return Err(LoginError::NoRealm(username.clone()));
            }
            let kdc_resolution = resolution(kdc.as_ref())?;
            let config = KerberosConfig { kdc_resolution, client_computer_name: COMPUTER.to_owned() };
            // A name within a realm, as in `kinit`. With its `@` it would be an enterprise name, which only Windows
            // has.
            let identity = AuthIdentityBuffers::from_utf8(account, &target.realm, password.reveal());
            wrapped("kerberos", Box::new(config), identity)?
        } else {
            // NTLM takes a name with an `@` as it is.
            let identity = AuthIdentityBuffers::from_utf8(name, domain, password.reveal());
            match scheme {
                Scheme::Negotiate => wrapped("ntlm", Box::new(NtlmConfig::default()), identity)?,
                Scheme::Ntlm | Scheme::Basic => Mechanism::Ntlm(Box::default(), Some(identity)),
            }
        };
        Ok(Self { mechanism, target, progress: Progress::default() })
    }

    /// The next message to send, given what the proxy answered to the last one; `None` or nothing in it at first. To be
    /// asked for whenever the proxy answers 407, and only then.
    ///
    /// # Errors
    /// Where there is no login. Nothing but another error comes of asking again.
    pub(super) async fn next(&mut self, challenge: Option<&[u8]>, deadline: Instant) -> Result<Vec<u8>, LoginError> {
        let challenge = challenge.unwrap_or_default();
        let Self { mechanism, target, progress } = self;
        let begun = std::mem::replace(&mut progress.begun, true);
        // A proxy that starts over rejected the last message.
        let message = if begun && (challenge.is_empty() || negotiate::is_rejection(challenge)) {
            Err(LoginError::Refused)
        } else {
            match mechanism {
                Mechanism::Negotiate(context, credentials) => {
                    step(context.as_mut(), credentials, target, progress, challenge, deadline).await
                }
                Mechanism::Ntlm(context, credentials) => {
                    step(context.as_mut(), credentials, target, progress, challenge, deadline).await
                }
            }
        };
        message.map_err(|error| match error {
            LoginError::Refused if progress.skewed => LoginError::Skewed,
            error => error,
        })
    }
}

/// Negotiate around the one mechanism of this name. With two, the other would be tried where the first fails, and
/// nobody would know why it did.
fn wrapped(
    mechanism: &str,
    config: Box<dyn ProtocolConfig>,
    identity: AuthIdentityBuffers,
) -> Result<Mechanism, LoginError> {
    let config = NegotiateConfig::new(config, Some(mechanism.to_owned()), COMPUTER.to_owned());
    let context = Negotiate::new_client(config).map_err(failed)?;
    Ok(Mechanism::Negotiate(Box::new(context), Some(CredentialsBuffers::AuthIdentity(identity))))
}

/// Where the KDC is: where the configuration says, or else where the library finds one, which is in krb5.conf.
fn resolution(kdc: Option<&HostPort>) -> Result<KdcResolution, LoginError> {
    let Some(kdc) = kdc else { return Ok(KdcResolution::KdcUrl(None)) };
    let url = parse_kdc_url(&format!("tcp://{kdc}")).ok_or_else(|| LoginError::InvalidKdc(kdc.to_string()))?;
    Ok(KdcResolution::KdcUrl(Some(url)))
}

/// Has the library make one message, and carries its questions to a KDC.
async fn step<S>(
    context: &mut S,
    credentials: &mut S::CredentialsHandle,
    target: &Target,
    progress: &mut Progress,
    challenge: &[u8],
    deadline: Instant,
) -> Result<Vec<u8>, LoginError>
where
    S: Sspi,
{
    let mut input = [SecurityBuffer::new(challenge.to_vec(), BufferType::Token)];
    let mut output = [SecurityBuffer::new(Vec::new(), BufferType::Token)];
    let mut builder = context
        .initialize_security_context()
        .with_credentials_handle(credentials)
        // Negotiate around NTLM ends with a signature, which needs a key to be agreed on.
        .with_context_requirements(ClientRequestFlags::INTEGRITY)
        .with_target_data_representation(DataRepresentation::Network)
        .with_target_name(&target.service)
        .with_input(&mut input)
        .with_output(&mut output);
    let (mut refusal, mut of_user, mut first) = (None, true, true);
    {
        let mut generator = guarded(|| context.initialize_security_context_impl(&mut builder))?.map_err(failed)?;
        let mut state = guarded(|| generator.start())?;
        let outcome = loop {
            match state {
                GeneratorState::Suspended(question) => {
                    let mut answer = ask(&question, deadline).await?;
                    refusal = kdc_answer::error_code(message(&answer));
                    progress.skewed |= refusal == Some(SKEW);
                    of_user = message(&question.data).first() == Some(&AS_REQ);
                    // A KDC may give a ticket to anybody and leave it to the password to read it. The library insists
                    // on being asked to prove the password first; such a KDC does not mind if it does.
                    if std::mem::take(&mut first)
                        && let Some(demand) = kdc_answer::demand_proof(message(&answer))
                    {
                        answer = [&[0; LENGTH][..], &demand].concat();
                    }
                    state = guarded(|| generator.resume(Ok(answer)))?;
                }
                GeneratorState::Completed(outcome) => break outcome,
            }
        };
        outcome.map_err(|error| match refusal {
            Some(code) => target.refusal(code, of_user),
            None => target.failure(error),
        })?;
    }
    let [token] = output;
    // The library has nothing more to send where this is empty, and the proxy was to let us through.
    if token.buffer.is_empty() { Err(LoginError::Refused) } else { Ok(token.buffer) }
}

impl Target {
    fn user(&self) -> String {
        format!("{}@{}", self.account, self.realm)
    }

    /// What a code of a KDC's means (RFC 4120 section 7.5.9), answered to a question about the user or the service.
    fn refusal(&self, code: u32, of_user: bool) -> LoginError {
        match code {
            6 => LoginError::UnknownUser(self.user()),
            7 if of_user => LoginError::WrongRealm(self.realm.clone()),
            7 => LoginError::UnknownService(self.service.clone()),
            14 => LoginError::NoCommonEncryption(self.user()),
            18 => LoginError::Locked(self.user()),
            23 => LoginError::ExpiredPassword(self.user()),
            24 => LoginError::WrongPassword(self.user()),
            SKEW => LoginError::Skewed,
            68 => LoginError::WrongRealm(self.realm.clone()),
            code => LoginError::KdcRefused(code),
        }
    }

    /// Why the library fails where no KDC refused.
    fn failure(&self, error: sspi::Error) -> LoginError {
        match error.error_type {
            ErrorKind::NoAuthenticatingAuthority => LoginError::NoKdc(self.realm.clone()),
            _ => failed(error),
        }
    }
}

/// Carries a question of the library's to a KDC. It and the answer begin with their length (RFC 4120 section 7.2.2).
async fn ask(question: &NetworkRequest, deadline: Instant) -> Result<Vec<u8>, LoginError> {
    let host = question.url.host_str().unwrap_or_default();
    let kdc = format!("{host}:{}", question.url.port().unwrap_or(KERBEROS_PORT));
    if question.protocol != NetworkProtocol::Tcp {
        return Err(LoginError::KdcUnreachable(kdc, detail!("login-kdc-tcp")));
    }
    let unreachable = |error: io::Error| LoginError::KdcUnreachable(kdc.clone(), system::fault(&error));
    let exchange = async {
        let mut stream = TcpStream::connect(&kdc).await.map_err(unreachable)?;
        let broken = |error: io::Error| LoginError::KdcInvalidAnswer(kdc.clone(), system::fault(&error));
        stream.write_all(&question.data).await.map_err(broken)?;
        let mut answer = vec![0; LENGTH];
        stream.read_exact(&mut answer).await.map_err(broken)?;
        let length = answer.iter().fold(0, |length, byte| length << 8 | usize::from(*byte));
        if length > MAX_ANSWER {
            return Err(LoginError::KdcInvalidAnswer(kdc.clone(), detail!("login-kdc-foreign")));
        }
        answer.resize(LENGTH + length, 0);
        let (_, message) = answer.split_at_mut(LENGTH);
        stream.read_exact(message).await.map_err(broken)?;
        Ok(answer)
    };
    timeout_at(deadline, exchange).await.unwrap_or_else(|_| Err(LoginError::KdcTimedOut(kdc.clone())))
}

/// A message of Kerberos without the length before it.
fn message(bytes: &[u8]) -> &[u8] {
    bytes.get(LENGTH..).unwrap_or_default()
}

/// The library is large, and what it reads comes from strangers: a fault of its own is a failed login, and no more.
fn guarded<T>(run: impl FnOnce() -> T) -> Result<T, LoginError> {
    catch_unwind(AssertUnwindSafe(run)).map_err(|_| LoginError::Unreadable)
}

fn failed(error: sspi::Error) -> LoginError {
    let sspi::Error { description, .. } = error;
    LoginError::Failed(description.trim().to_owned())
}
