using System.Net;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Relay.Options;
using Relay.Telemetry;

namespace Relay.Accounts;

/// <summary>
/// Decides who signs in. Each attempt ends in one <see cref="SignIn"/>, one log line and one count; the client is to hear
/// only yes, no, or try again. What it decides and why is in <c>docs/decisions/0004-signing-in.md</c>.
/// </summary>
public sealed class Authenticator
{
    /// <summary>Characters of a name; a longer one is no account's.</summary>
    internal const int MaxName = 254;

    private const string NoName = "the name is empty or too long for any account";

    private static readonly HashSet<string> Mechanisms =
        new(["PLAIN", "LOGIN", "SCRAM-SHA-256", "OAUTHBEARER", "XOAUTH2"], StringComparer.OrdinalIgnoreCase);

    private readonly IAccounts accounts;
    private readonly TimeProvider time;
    private readonly ILogger<Authenticator> log;
    private readonly TokenValidator? tokens;
    private readonly Lockout lockout;
    private readonly DecoyKeys decoys = new();

    /// <param name="tokens">Null where access tokens are not taken.</param>
    public Authenticator(
        IAccounts accounts, AuthOptions options, TimeProvider time, ILogger<Authenticator> log, TokenValidator? tokens)
    {
        this.accounts = accounts;
        this.time = time;
        this.log = log;
        this.tokens = tokens;
        lockout = new Lockout(accounts, options, time, log);
        Passwords = new PasswordChecks(time);
    }

    /// <summary>Whether access tokens are taken.</summary>
    public bool TakesTokens => tokens is not null;

    /// <summary>The work on passwords.</summary>
    internal PasswordChecks Passwords { get; }

    /// <summary>By a password that the client sent.</summary>
    public ValueTask<SignInOutcome> WithPasswordAsync(
        SignInAttempt attempt, string name, string password, CancellationToken cancel) =>
        GuardAsync(attempt, name, guessed: name, () => CheckPasswordAsync(attempt, name, password, cancel), cancel);

    /// <summary>
    /// The first half of SCRAM. Keys come for every name, so that the client learns nothing from them. A disabled or locked
    /// account gives its own: a salt that changed with the lock would tell that there is an account.
    /// </summary>
    public async ValueTask<ScramStart> ScramKeysAsync(SignInAttempt attempt, string name, CancellationToken cancel)
    {
        if (!IsName(name))
        {
            return new ScramStart(null, Refuse(attempt, name, SignInResult.Malformed, NoName));
        }

        try
        {
            return new ScramStart((await accounts.FindAsync(name, cancel))?.Password ?? decoys.For(name), default);
        }
        catch (Exception e) when (!IsGone(e, cancel))
        {
            return new ScramStart(null, Failed(attempt, name, e));
        }
    }

    /// <summary>The second half of SCRAM.</summary>
    /// <param name="keysUsed">From the first half.</param>
    /// <param name="proofHolds">Whether the client's proof holds against them.</param>
    public ValueTask<SignInOutcome> WithScramAsync(
        SignInAttempt attempt, string name, PasswordKeys keysUsed, bool proofHolds, CancellationToken cancel) =>
        GuardAsync(attempt, name, guessed: name, async () =>
        {
            var account = await accounts.FindAsync(name, cancel);
            // Decoys are nobody's, and a password may have changed meanwhile.
            var areCurrent = account?.Password is { } keys
                && CryptographicOperations.FixedTimeEquals(keys.StoredKey, keysUsed.StoredKey);
            return await CountAsync(attempt, name, guessed: name, AccountRules.WhyNot(account, attempt.Client)
                ?? Verdict.Of(account, proofHolds && areCurrent ? SignInResult.SignedIn : SignInResult.WrongPassword));
        }, cancel);

    /// <summary>By an access token.</summary>
    /// <param name="name">The account that the client names; null to sign in as the one that the token stands for.</param>
    public ValueTask<SignInOutcome> WithTokenAsync(
        SignInAttempt attempt, string? name, string token, CancellationToken cancel) =>
        GuardAsync(attempt, name, guessed: null, async () =>
            await CountAsync(attempt, name, guessed: null, await JudgeTokenAsync(attempt, name, token, cancel)), cancel);

    /// <summary>An attempt that ended before anything was checked. It counts towards no lock.</summary>
    /// <param name="name">As far as the client has said.</param>
    /// <param name="detail">For the operator; no secret in it.</param>
    public SignInOutcome Refuse(SignInAttempt attempt, string? name, SignInResult result, string? detail) =>
        End(attempt, name, new Verdict(result, null, detail), TimeSpan.Zero);

    /// <summary>
    /// The account that a trusted proxy signed in by itself (XCLIENT LOGIN); null when there is none or it is disabled.
    /// Throws <see cref="Spool.SpoolException"/> like <see cref="IAccounts"/>.
    /// </summary>
    public async ValueTask<Account?> FindAsync(string name, CancellationToken cancel) =>
        IsName(name) && await accounts.FindAsync(name, cancel) is { IsDisabled: false } account ? account : null;

    /// <summary>The frame of every attempt: refuse where a lock holds, and let our own trouble be temporary.</summary>
    /// <param name="guessed">The account whose failure it is if it fails, and whose lock refuses it.</param>
    private async ValueTask<SignInOutcome> GuardAsync(
        SignInAttempt attempt, string? name, string? guessed, Func<ValueTask<SignInOutcome>> decide, CancellationToken cancel)
    {
        if (name is not null && !IsName(name))
        {
            return Refuse(attempt, name, SignInResult.Malformed, NoName);
        }

        try
        {
            await lockout.RefreshAsync(cancel);
            // A lock shows in nothing else, and is on names without an account too: it may answer without work.
            return lockout.WhyLocked(attempt.Client, guessed) is { } why ? LockedOut(attempt, name, why) : await decide();
        }
        catch (Exception e) when (!IsGone(e, cancel))
        {
            return Failed(attempt, name, e);
        }
    }

    /// <summary>Whatever the account is, unless it signs in with a password that is known to hold, one check is made.</summary>
    private async ValueTask<SignInOutcome> CheckPasswordAsync(
        SignInAttempt attempt, string name, string password, CancellationToken cancel)
    {
        var account = await accounts.FindAsync(name, cancel);
        var keys = account?.Password ?? decoys.For(name);
        var whyNot = AccountRules.WhyNot(account, attempt.Client);
        if (IsKnown())
        {
            return await CountAsync(attempt, name, guessed: name, Verdict.Of(account, SignInResult.SignedIn));
        }

        using var turn = await Passwords.NextAsync(cancel);
        if (turn is null)
        {
            return Refuse(attempt, name, SignInResult.Unavailable, "too many passwords wait to be checked");
        }

        // Many may have waited while the first of them brought the lock, or made the password known. A failure is counted
        // before the turn ends, so that no more guesses than there are processors go beyond what is allowed.
        if (lockout.WhyLocked(attempt.Client, name) is { } why)
        {
            return LockedOut(attempt, name, why);
        }

        var holds = IsKnown() || await turn.CheckAsync(name, keys, password);
        var ifNotRefused = Verdict.Of(account, holds ? SignInResult.SignedIn : SignInResult.WrongPassword);
        return await CountAsync(attempt, name, guessed: name, whyNot ?? ifNotRefused);

        bool IsKnown() => whyNot is null && Passwords.IsKnown(name, keys, password);
    }

    private async ValueTask<Verdict> JudgeTokenAsync(
        SignInAttempt attempt, string? name, string token, CancellationToken cancel)
    {
        if (tokens is null)
        {
            return new Verdict(SignInResult.MechanismNotOffered, null, "access tokens are not taken (Auth:TokenAuthority)");
        }

        var verdict = await tokens.ValidateAsync(token, cancel);
        if (verdict.Result != SignInResult.SignedIn)
        {
            return new Verdict(verdict.Result, null, verdict.Detail);
        }

        var account = name is null ? await FindBySubjectAsync(verdict.Subjects, cancel) : await accounts.FindAsync(name, cancel);
        if (account is null)
        {
            return new Verdict(SignInResult.UnknownAccount, null, $"the token stands for {verdict.SubjectText}");
        }

        if (AccountRules.WhyNotAnyMethod(account, attempt.Client) is { } whyNot)
        {
            return whyNot;
        }

        if (account.TokenSubject is null)
        {
            return new Verdict(SignInResult.WrongMethod, account, "no token stands for it");
        }

        return verdict.Subjects.Contains(account.TokenSubject, StringComparer.OrdinalIgnoreCase)
            ? Verdict.Of(account, SignInResult.SignedIn)
            : new Verdict(SignInResult.TokenRefused, account, $"the token stands for {verdict.SubjectText}, not for this account");
    }

    private async ValueTask<Account?> FindBySubjectAsync(IReadOnlyList<string> subjects, CancellationToken cancel)
    {
        foreach (var subject in subjects)
        {
            if (await accounts.FindBySubjectAsync(subject, cancel) is { } account)
            {
                return account;
            }
        }

        return null;
    }

    private async ValueTask<SignInOutcome> CountAsync(SignInAttempt attempt, string? name, string? guessed, Verdict verdict)
    {
        var delay = TimeSpan.Zero;
        if (verdict.Result == SignInResult.SignedIn)
        {
            lockout.Succeeded(attempt.Client, verdict.Account!.Name);
        }
        else if (verdict.Result is not (SignInResult.Unavailable or SignInResult.MechanismNotOffered))
        {
            delay = await lockout.FailedAsync(attempt.Client, guessed);
        }

        return End(attempt, name, verdict, delay);
    }

    private SignInOutcome LockedOut(SignInAttempt attempt, string? name, string why) =>
        End(attempt, name, new Verdict(SignInResult.LockedOut, null, why), Lockout.MaxDelay);

    private SignInOutcome Failed(SignInAttempt attempt, string? name, Exception cause)
    {
        SignInLog.AccountsFailed(log, cause, $"session {attempt.Session}");
        return End(attempt, name, new Verdict(SignInResult.Unavailable, null, cause.GetType().Name), TimeSpan.Zero);
    }

    private SignInOutcome End(SignInAttempt attempt, string? name, Verdict verdict, TimeSpan delay)
    {
        var isIn = verdict.Result == SignInResult.SignedIn;
        var word = verdict.Result.Word();
        var account = verdict.Account?.Name ?? (name is null ? null : SignInLog.Shown(name));
        var mechanism = SignInLog.Shown(attempt.Mechanism);
        var detail = verdict.Detail is null ? null : SignInLog.Shown(verdict.Detail);
        accounts.Record(new SignIn
        {
            Session = attempt.Session,
            At = time.GetUtcNow(),
            Mechanism = mechanism,
            Account = account,
            ClientAddress = attempt.Client?.ToString(),
            Result = verdict.Result,
            Detail = detail,
        });
        if (isIn)
        {
            SignInLog.SignedIn(log, attempt.Session, word, account!, attempt.Client, mechanism);
        }
        else
        {
            SignInLog.SignInFailed(log, attempt.Session, word, account, attempt.Client, mechanism, detail);
        }

        // What clients invent must not become names of time series.
        var known = Mechanisms.TryGetValue(attempt.Mechanism, out var canonical) ? canonical : "other";
        RelayTelemetry.SignIns.Add(1, new("result", word), new("mechanism", known));
        return new SignInOutcome(verdict.Result, isIn ? verdict.Account : null, delay);
    }

    private static bool IsGone(Exception e, CancellationToken cancel) =>
        e is OperationCanceledException && cancel.IsCancellationRequested;

    private static bool IsName(string name) => name.Length is > 0 and <= MaxName;
}
