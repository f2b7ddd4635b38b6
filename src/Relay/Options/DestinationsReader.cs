using Relay.Mail;

namespace Relay.Options;

/// <summary>Reads the limits of destinations; what one of them does not say is as for all.</summary>
internal sealed class DestinationsReader(SettingsReader reader)
{
    private const string Destinations = "Destinations";

    public DestinationLimits ReadDefault() => new()
    {
        Concurrency = reader.Read(Settings.DeliveryDestinationConcurrency),
        Rate = reader.Read(Settings.DeliveryDestinationRate),
    };

    public IReadOnlyList<DestinationOptions> Read(DestinationLimits others) =>
        [.. reader.Items(Destinations).Select(item => Read(item, others))];

    private DestinationOptions Read(int item, DestinationLimits others)
    {
        if (!reader.IsGiven(Settings.DestinationDomain, item))
        {
            reader.AddFault(Settings.DestinationDomain, item, $"must be given; allowed is {Settings.DestinationDomain.Allowed}");
        }

        var (concurrency, rate) = (reader.Read(Settings.DestinationConcurrency, item), reader.Read(Settings.DestinationRate, item));
        return new DestinationOptions
        {
            Domain = ToAscii(reader.Read(Settings.DestinationDomain, item)),
            Concurrency = reader.IsGiven(Settings.DestinationConcurrency, item) ? concurrency : others.Concurrency,
            Rate = reader.IsGiven(Settings.DestinationRate, item) ? rate : others.Rate,
        };
    }

    /// <summary>Destinations are known by A-labels.</summary>
    private static string ToAscii(string pattern)
    {
        var start = pattern.StartsWith("*.", StringComparison.Ordinal) ? 2 : 0;
        return DomainName.TryToAscii(pattern[start..], out var ascii) ? pattern[..start] + ascii : pattern;
    }
}
