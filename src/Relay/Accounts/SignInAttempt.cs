using System.Net;

namespace Relay.Accounts;

/// <summary>Who tries to sign in, and how.</summary>
/// <param name="Session">The session, as the reply and the log name it.</param>
/// <param name="Mechanism">The SASL mechanism, as the client spelt it.</param>
/// <param name="Client">The client's address; null where it is not known.</param>
public sealed record SignInAttempt(string Session, string Mechanism, IPAddress? Client);

/// <summary>How it ended.</summary>
/// <param name="Result">The verdict; the client hears no more of it than yes, no, or try again.</param>
/// <param name="Account">Who signed in; null when nobody did.</param>
/// <param name="Delay">How long to wait before the answer.</param>
public readonly record struct SignInOutcome(SignInResult Result, Account? Account, TimeSpan Delay);

/// <summary>The first half of SCRAM: the keys to go on with, or the end.</summary>
/// <param name="Keys">Those of the account or of a decoy; null when it has ended.</param>
/// <param name="End">How it ended, when it has.</param>
public readonly record struct ScramStart(PasswordKeys? Keys, SignInOutcome End);
