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

    /// <summary>The header is longer, or has more fields, than is read.</summary>
    public const string HeaderTooLarge = "header-too-large";

    /// <summary>The header holds a NUL octet.</summary>
    public const string HeaderNul = "header-nul";

    /// <summary>A line of the header is longer than 998 octets.</summary>
    public const string HeaderLineTooLong = "header-line-too-long";

    /// <summary>A line of the header is no field.</summary>
    public const string HeaderNotAField = "header-not-a-field";

    /// <summary>The header has more than one From field.</summary>
    public const string HeaderFromRepeated = "header-from-repeated";

    /// <summary>Another field of which there may be one stands in the header more than once.</summary>
    public const string HeaderFieldRepeated = "header-field-repeated";

    /// <summary>The header lacks From or Date.</summary>
    public const string HeaderFieldMissing = "header-field-missing";

    /// <summary>An attachment has a name of <c>Attachments:Names</c>.</summary>
    public const string AttachmentName = "attachment-name";

    /// <summary>A zip archive holds a file with such a name.</summary>
    public const string AttachmentInArchive = "attachment-in-archive";

    /// <summary>The parts of the message are too many, too deep, or can be read in several ways.</summary>
    public const string MimeUnclear = "mime-unclear";

    /// <summary>The filter asks to refuse the message.</summary>
    public const string FilterReject = "filter-reject";

    /// <summary>The filter asks to refuse the message for now.</summary>
    public const string FilterSoftReject = "filter-soft-reject";

    /// <summary>The filter asks to keep the message back.</summary>
    public const string FilterQuarantine = "filter-quarantine";

    /// <summary>The filter asks to mark the message.</summary>
    public const string FilterTag = "filter-tag";

    /// <summary>The filter asks to let the sender wait, which Relay does not do.</summary>
    public const string FilterGreylist = "filter-greylist";

    /// <summary>The message is larger than <c>Filter:MaxSize</c>, and the filter was not asked.</summary>
    public const string FilterTooLarge = "filter-too-large";
}
