using Relay.Addresses;
using Relay.Checks.Dmarc;
using Relay.Forwarding;
using Relay.Signing;
using Relay.Spool;
using Relay.Transport.MxSecurity;
using Relay.Transport.Quota;
using Relay.Transport.TlsReports;

namespace Relay.Delivery;

/// <summary>What a host has open for the steps, whatever the engine. The host closes it, after the steps have ended.</summary>
public sealed record StepStores
{
    /// <summary>Where messages are.</summary>
    public required ISpool Spool { get; init; }

    /// <summary>Domains, aliases and suppressions of the moment.</summary>
    public required IAddressBook Addresses { get; init; }

    /// <summary>What reports of DMARC will tell; null for nowhere.</summary>
    public IDmarcRecords? DmarcRecords { get; init; }

    /// <summary>What reports of TLS will tell; null for nowhere.</summary>
    public ITlsRecords? TlsRecords { get; init; }

    /// <summary>Policies of MTA-STS; null for those of this process alone.</summary>
    public StsCache? StsPolicies { get; init; }

    /// <summary>What services allow; null where no route asks for it.</summary>
    public IQuota? Quota { get; init; }

    /// <summary>What marks the return-paths that Relay makes up.</summary>
    public required ReturnPathSecrets ReturnPaths { get; init; }

    /// <summary>Signatures and seals.</summary>
    public OutboundFields Fields { get; init; } = OutboundFields.None;
}
