using System.Net;
using Relay.Telemetry;

namespace Relay.Cli;

/// <summary>Text of others (addresses, replies, names) on its way to a terminal or a log.</summary>
internal static class Text
{
    /// <inheritdoc cref="LogText.OneLine"/>
    public static string OneLine(string text) => LogText.OneLine(text);

    /// <summary>At most so many characters.</summary>
    public static string Short(string text, int max) => text.Length <= max ? text : text[..(max - 1)] + "…";

    /// <summary>A time in UTC, to the second.</summary>
    public static string Time(DateTimeOffset at) => $"{at.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss}Z";

    /// <summary>An address that a client on this machine can use to reach who listens there.</summary>
    public static IPEndPoint Reachable(IPEndPoint listener) =>
        listener.Address.Equals(IPAddress.Any) ? new IPEndPoint(IPAddress.Loopback, listener.Port)
        : listener.Address.Equals(IPAddress.IPv6Any) ? new IPEndPoint(IPAddress.IPv6Loopback, listener.Port)
        : listener;
}
