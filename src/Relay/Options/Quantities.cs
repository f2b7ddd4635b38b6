using System.Globalization;
using Relay.Accounts;

namespace Relay.Options;

/// <summary>Numbers with a unit, as text: lengths of time, octets, and so many in so much time.</summary>
internal static class Quantities
{
    private const long Kibi = 1024;

    private static readonly (string Suffix, long Factor)[] SizeUnits =
        [("GB", Kibi * Kibi * Kibi), ("MB", Kibi * Kibi), ("KB", Kibi), ("B", 1), ("", 1)];

    private static readonly (string Suffix, TimeSpan Unit)[] TimeUnits =
    [
        ("ms", TimeSpan.FromMilliseconds(1)), ("d", TimeSpan.FromDays(1)), ("h", TimeSpan.FromHours(1)),
        ("m", TimeSpan.FromMinutes(1)), ("s", TimeSpan.FromSeconds(1)),
    ];

    /// <summary>A number with a unit, or <c>hh:mm:ss</c>.</summary>
    public static bool TryDuration(string text, out TimeSpan value)
    {
        if (TimeSpan.TryParseExact(text, [@"hh\:mm\:ss", @"d\.hh\:mm\:ss"], CultureInfo.InvariantCulture, out value))
        {
            return true;
        }

        foreach (var (suffix, unit) in TimeUnits)
        {
            if (text.EndsWith(suffix, StringComparison.OrdinalIgnoreCase) &&
                TryCount(text.AsSpan(0, text.Length - suffix.Length), TimeSpan.MaxValue.Ticks / unit.Ticks, out var count))
            {
                value = unit * count;
                return true;
            }
        }

        return false;
    }

    public static bool TryRate(string text, out Rate? value)
    {
        value = null;
        if (text.Equals("off", StringComparison.OrdinalIgnoreCase))
        {
            return true;
        }

        if (text.Split('/') is not [var count, var period] || !TryCount(count, int.MaxValue, out var number) || number == 0 ||
            !TryDuration(period, out var time) || time < TimeSpan.FromSeconds(1) || time > TimeSpan.FromDays(7))
        {
            return false;
        }

        value = new Rate((int)number, time);
        return true;
    }

    public static string FormatDuration(TimeSpan value)
    {
        var (suffix, unit) = TimeUnits.OrderByDescending(unit => unit.Unit).First(unit => value.Ticks % unit.Unit.Ticks == 0);
        return value == TimeSpan.Zero ? "0s" : $"{value.Ticks / unit.Ticks}{suffix}";
    }

    public static bool TrySize(string text, out long value)
    {
        foreach (var (suffix, factor) in SizeUnits)
        {
            if (text.EndsWith(suffix, StringComparison.OrdinalIgnoreCase) &&
                TryCount(text.AsSpan(0, text.Length - suffix.Length).TrimEnd(), long.MaxValue / factor, out var count))
            {
                value = count * factor;
                return true;
            }
        }

        value = 0;
        return false;
    }

    public static string FormatSize(long value)
    {
        var (suffix, factor) = SizeUnits.First(unit => value % unit.Factor == 0);
        return value == 0 ? "0" : $"{value / factor}{(suffix == "B" ? "" : suffix)}";
    }

    private static bool TryCount(ReadOnlySpan<char> text, long max, out long count) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out count) && count <= max;
}
