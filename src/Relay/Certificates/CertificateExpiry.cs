namespace Relay.Certificates;

/// <summary>For whom a certificate is, and until when.</summary>
/// <param name="Names">Host names in A-labels, as the certificate has them; <c>*.example.com</c> is one of them.</param>
/// <param name="NotAfter">Clients refuse it after this time.</param>
public sealed record CertificateExpiry(IReadOnlyList<string> Names, DateTimeOffset NotAfter)
{
    /// <summary>From here on its operator is told, day by day.</summary>
    public const int WarningDays = 30;

    /// <summary>The first of its names: what logs, metrics and checks call it.</summary>
    public string Name => Names[0];

    /// <summary>Days until the end; below zero when it has passed.</summary>
    public double DaysLeft(DateTimeOffset now) => (NotAfter - now).TotalDays;

    internal int WholeDaysLeft(DateTimeOffset now) => (int)DaysLeft(now);

    /// <summary>How near the end is.</summary>
    internal CertificateState StateAt(DateTimeOffset now) => DaysLeft(now) switch
    {
        <= 0 => CertificateState.Expired,
        <= WarningDays => CertificateState.NearEnd,
        _ => CertificateState.Valid,
    };

    /// <summary>What an operator must know now, for people; null while the end is far away.</summary>
    public string? Warning(DateTimeOffset now) => StateAt(now) switch
    {
        CertificateState.Expired => $"{Name} has expired at {End}",
        CertificateState.NearEnd => $"{Name} expires in {WholeDaysLeft(now)} days, at {End}",
        _ => null,
    };

    /// <summary>The end, for people.</summary>
    internal string End => NotAfter.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'");
}

/// <summary>How near a certificate is to its end.</summary>
internal enum CertificateState
{
    Valid,
    NearEnd,
    Expired,
}
