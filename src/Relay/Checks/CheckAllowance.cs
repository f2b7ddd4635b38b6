namespace Relay.Checks;

/// <summary>How far a list of those to let in reaches. None reaches the content, nor what shows that a sender is not who it says.</summary>
public enum CheckAllowance
{
    /// <summary>It is on no such list.</summary>
    None,

    /// <summary>A name is listed, which anybody can claim: lists, HELO and reverse DNS ask for nothing.</summary>
    Name,

    /// <summary>The address is listed: SPF asks for nothing either, as for a host that forwards to us.</summary>
    Address,
}
