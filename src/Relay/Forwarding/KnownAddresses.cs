using Relay.Mail;

namespace Relay.Forwarding;

/// <summary>What an address is to us, beside what our own domains know of it.</summary>
public enum KnownAddress
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>An alias.</summary>
    Alias,

    /// <summary>A return-path that we have given out: whoever has it may send to it.</summary>
    ReturnPath,

    /// <summary>It looks like a return-path of ours, and is none, or is too old.</summary>
    NoReturnPath,
}

/// <summary>Knows aliases, and return-paths that we have given out.</summary>
public sealed class KnownAddresses(AliasTable aliases, Srs srs, Verp verp)
{
    /// <summary>What an address is.</summary>
    public KnownAddress Find(Mailbox address)
    {
        if (verp.IsShaped(address))
        {
            return verp.TryRead(address, out _, out _) ? KnownAddress.ReturnPath : KnownAddress.NoReturnPath;
        }

        if (srs.IsShaped(address))
        {
            return srs.TryReverse(address, out _, out _) ? KnownAddress.ReturnPath : KnownAddress.NoReturnPath;
        }

        return aliases.Find(address) is not null ? KnownAddress.Alias : KnownAddress.None;
    }
}
