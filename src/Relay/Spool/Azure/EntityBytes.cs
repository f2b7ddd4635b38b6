using Azure.Data.Tables;

namespace Relay.Spool.Azure;

/// <summary>Octets in an entity. A property holds 64 KiB; what is longer goes on in further ones.</summary>
internal static class EntityBytes
{
    /// <summary>An entity holds 1 MiB; what it has beside these octets is far less.</summary>
    public const int MaxOctets = 900 * 1024;

    private const int MaxProperty = 60 * 1024;

    /// <summary>Puts octets under a name, and the names behind it.</summary>
    /// <exception cref="SpoolException">There are too many for a row.</exception>
    public static void Put(this TableEntity entity, string name, ReadOnlySpan<byte> octets)
    {
        if (octets.Length > MaxOctets)
        {
            throw new SpoolException(SpoolFault.Corrupt, $"{octets.Length} octets of {name} are too many for a row");
        }

        var part = 0;
        do
        {
            var length = Math.Min(octets.Length, MaxProperty);
            entity[Name(name, part++)] = octets[..length].ToArray();
            octets = octets[length..];
        }
        while (!octets.IsEmpty);
    }

    /// <summary>The octets under a name; null when there are none.</summary>
    public static byte[]? Take(this TableEntity entity, string name)
    {
        if (entity.GetBinary(name) is not { } octets)
        {
            return null;
        }

        for (var part = 1; entity.GetBinary(Name(name, part)) is { } more; part++)
        {
            octets = [.. octets, .. more];
        }

        return octets;
    }

    private static string Name(string name, int part) => part == 0 ? name : $"{name}{part}";
}
