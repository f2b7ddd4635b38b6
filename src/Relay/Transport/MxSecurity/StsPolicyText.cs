namespace Relay.Transport.MxSecurity;

/// <summary>A policy as text again: for the file, and for reports.</summary>
internal static class StsPolicyText
{
    public static IReadOnlyList<string> Lines(StsPolicy policy) =>
    [
        "version: STSv1",
        $"mode: {Word(policy.Mode)}",
        .. policy.Mx.Select(mx => $"mx: {mx}"),
        $"max_age: {(long)policy.MaxAge.TotalSeconds}",
    ];

    public static string Of(StsPolicy policy) => string.Join('\n', Lines(policy));

    public static string Word(StsMode mode) => mode switch
    {
        StsMode.Enforce => "enforce",
        StsMode.Testing => "testing",
        _ => "none",
    };
}
