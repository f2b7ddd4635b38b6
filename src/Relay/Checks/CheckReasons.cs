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

    /// <summary>The client's address is on a block list of our own.</summary>
    public const string AddressListed = "address-listed";

    /// <summary>The client's name in HELO is on a block list of our own.</summary>
    public const string HeloListed = "helo-listed";

    /// <summary>The sender is on a block list of our own.</summary>
    public const string SenderListed = "sender-listed";

    /// <summary>The recipient is on a block list of our own.</summary>
    public const string RecipientListed = "recipient-listed";

    /// <summary>Lists in DNS have the client or the sender.</summary>
    public const string DnsListed = "dns-listed";

    /// <summary>The client calls itself by a name or an address of ours.</summary>
    public const string HeloOwnName = "helo-own-name";

    /// <summary>What the client calls itself is neither a whole domain name nor an address literal.</summary>
    public const string HeloNotAHost = "helo-not-a-host";

    /// <summary>The client calls itself by an address that is not its own.</summary>
    public const string HeloWrongAddress = "helo-wrong-address";

    /// <summary>What the client calls itself has no address in DNS.</summary>
    public const string HeloUnresolved = "helo-unresolved";

    /// <summary>DNS has no name for the client's address.</summary>
    public const string NoReverseDns = "no-reverse-dns";

    /// <summary>DNS has names for the client's address, and none of them leads back to it.</summary>
    public const string ReverseDnsUnconfirmed = "reverse-dns-unconfirmed";

    /// <summary>SPF: the domain of the reverse-path does not let this client send its mail.</summary>
    public const string SpfFail = "spf-fail";

    /// <summary>SPF: the domain that the client names in HELO does not let it use the name.</summary>
    public const string SpfHeloFail = "spf-helo-fail";

    /// <summary>SPF: the domain of the reverse-path probably does not let this client send its mail.</summary>
    public const string SpfSoftFail = "spf-softfail";

    /// <summary>SPF: the record of the domain of the reverse-path is at fault.</summary>
    public const string SpfPermError = "spf-permerror";
}
