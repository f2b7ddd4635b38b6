namespace Relay.Checks.Spf;

/// <summary>The results of RFC 7208 §2.6.</summary>
public enum SpfResult
{
    /// <summary>There is no domain to ask, or it has no record.</summary>
    None,

    /// <summary>The domain says nothing about the client.</summary>
    Neutral,

    /// <summary>The client may use the domain.</summary>
    Pass,

    /// <summary>The client may not.</summary>
    Fail,

    /// <summary>The client probably may not.</summary>
    SoftFail,

    /// <summary>DNS gave no answer; later it may.</summary>
    TempError,

    /// <summary>What the domain publishes cannot be made sense of, or asks for too much.</summary>
    PermError,
}

/// <summary>The words for results.</summary>
public static class SpfWords
{
    /// <summary>The word of RFC 7208 §2.6 and RFC 8601 §2.7.2.</summary>
    public static string Word(this SpfResult result) => result switch
    {
        SpfResult.None => "none",
        SpfResult.Neutral => "neutral",
        SpfResult.Pass => "pass",
        SpfResult.Fail => "fail",
        SpfResult.SoftFail => "softfail",
        SpfResult.TempError => "temperror",
        _ => "permerror",
    };
}
