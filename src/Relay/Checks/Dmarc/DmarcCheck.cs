using Relay.Dns;
using Relay.Mail;

namespace Relay.Checks.Dmarc;

/// <summary>The result of DMARC, with what a report to the author's domain will need.</summary>
public sealed record DmarcCheckResult() : CheckResult(CheckName.Dmarc)
{
    /// <summary>To be kept once it is known what was done with the message (<see cref="DmarcRecord.Applied"/>); null where nobody asks for reports.</summary>
    public DmarcRecord? Record { get; init; }
}

/// <summary>
/// DMARC (RFC 9989): whether what SPF and DKIM vouch for belongs to the domain in whose name the message speaks, and what that
/// domain asks to be done where it does not. It runs behind them, and behind ARC.
/// </summary>
/// <param name="trustedSealers">Domains whose seals of ARC override a failure.</param>
public sealed class DmarcCheck(IDnsResolver dns, IEnumerable<string> trustedSealers, TimeProvider time) : ICheck
{
    private readonly TrustedSealers sealers = new(trustedSealers);

    /// <inheritdoc/>
    public CheckName Name => CheckName.Dmarc;

    /// <inheritdoc/>
    public CheckStage Stage => CheckStage.Content;

    /// <inheritdoc/>
    public async ValueTask<CheckResult> RunAsync(CheckSubject subject, CancellationToken cancel)
    {
        if (subject.Header is not { } header)
        {
            return new DmarcCheckResult();
        }

        return AuthorDomain.Of(header, out var fault) is { } author
            ? await new DmarcEvaluation(subject, author, new DmarcQuestions(dns), sealers, time).RunAsync(cancel)
            : NoAuthor(fault);
    }

    /// <summary>DMARC has nothing to say then (RFC 9989 §5.3.1), and such a message may be made to slip past it (§11.5).</summary>
    private static DmarcCheckResult NoAuthor(string fault) => new()
    {
        Action = CheckAction.Quarantine,
        Reason = CheckReasons.DmarcNoAuthor,
        Detail = fault,
        Authentication = [new AuthenticationResult("dmarc", "permerror") { Comment = fault }],
    };
}
