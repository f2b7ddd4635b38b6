namespace Relay.Checks;

/// <summary>
/// The stable reason codes of checks: programs and alerts match on them, so a code never changes its meaning.
/// <c>docs/checks.md</c> lists them all.
/// </summary>
public static class CheckReasons
{
    /// <summary>DNS or somebody else who was asked gave no answer in time.</summary>
    public const string NoAnswer = "no-answer";

    /// <summary>The check itself failed: a fault of Relay, which the log has.</summary>
    public const string InternalError = "internal-error";

    /// <summary>SPF: the domain of the reverse-path does not let this client send its mail.</summary>
    public const string SpfFail = "spf-fail";

    /// <summary>SPF: the domain that the client names in HELO does not let it use the name.</summary>
    public const string SpfHeloFail = "spf-helo-fail";

    /// <summary>SPF: the domain of the reverse-path probably does not let this client send its mail.</summary>
    public const string SpfSoftFail = "spf-softfail";

    /// <summary>SPF: the record of the domain of the reverse-path is at fault.</summary>
    public const string SpfPermError = "spf-permerror";
}
