namespace Relay.Checks;

/// <summary>
/// The stable reason codes of checks: programs and alerts match on them, so a code never changes its meaning.
/// <c>docs/checks.md</c> lists them all.
/// </summary>
public static class CheckReasons
{
    /// <summary>DNS or somebody else who was asked gave no answer in time.</summary>
    public const string NoAnswer = "no-answer";

    /// <summary>No DKIM signature of the message holds.</summary>
    public const string DkimFailed = "dkim-failed";

    /// <summary>A DKIM signature of the message holds, and none is good enough.</summary>
    public const string DkimUnacceptable = "dkim-unacceptable";

    /// <summary>The ARC chain of the message does not hold.</summary>
    public const string ArcFailed = "arc-failed";

    /// <summary>The check itself failed: a fault of Relay, which the log has.</summary>
    public const string InternalError = "internal-error";

    /// <summary>DMARC failed: neither SPF nor DKIM vouches for the author's domain.</summary>
    public const string DmarcFail = "dmarc-fail";

    /// <summary>DMARC failed, and a sealer that is trusted says that it passed before.</summary>
    public const string DmarcTrustedSealer = "dmarc-trusted-sealer";

    /// <summary>The message does not speak in the name of exactly one domain.</summary>
    public const string DmarcNoAuthor = "dmarc-no-author";

    /// <summary>The policy record of the author's domain names no policy that holds.</summary>
    public const string DmarcBadRecord = "dmarc-bad-record";

    /// <summary>SPF or DKIM was not looked at, and might have made DMARC pass.</summary>
    public const string DmarcIncomplete = "dmarc-incomplete";

    /// <summary>SPF: the domain of the reverse-path does not let this client send its mail.</summary>
    public const string SpfFail = "spf-fail";

    /// <summary>SPF: the domain that the client names in HELO does not let it use the name.</summary>
    public const string SpfHeloFail = "spf-helo-fail";

    /// <summary>SPF: the domain of the reverse-path probably does not let this client send its mail.</summary>
    public const string SpfSoftFail = "spf-softfail";

    /// <summary>SPF: the record of the domain of the reverse-path is at fault.</summary>
    public const string SpfPermError = "spf-permerror";
}
