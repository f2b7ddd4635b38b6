namespace Relay.Checks;

/// <summary>What is done about mail that a check finds fault with, from nothing to the strongest. It is also the most that a check may do.</summary>
public enum CheckAction
{
    /// <summary>Nothing; as the most that a check may do: it does not run (<c>off</c>).</summary>
    None,

    /// <summary>The mail goes on, and its header says what was found.</summary>
    Tag,

    /// <summary>The mail is taken and kept, and goes nowhere.</summary>
    Quarantine,

    /// <summary>The mail is refused.</summary>
    Reject,
}
