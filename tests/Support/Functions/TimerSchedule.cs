using System.Globalization;

namespace Relay.Support.Functions;

/// <summary>The schedule of a timer: six fields from seconds to the day of the week, of which the first three may be other than <c>*</c>.</summary>
public sealed class TimerSchedule
{
    private readonly Func<int, bool>[] fields;

    public TimerSchedule(string text)
    {
        var parts = text.Split(' ');
        if (parts.Length != 6 || parts[3..].Any(part => part != "*"))
        {
            throw new FormatException($"this double knows no schedule such as {text}");
        }

        fields = [.. parts[..3].Select(Field)];
    }

    /// <summary>The next time after this one.</summary>
    public DateTimeOffset After(DateTimeOffset now)
    {
        var next = new DateTimeOffset(now.Ticks - (now.Ticks % TimeSpan.TicksPerSecond), now.Offset);
        do
        {
            next += TimeSpan.FromSeconds(1);
        }
        while (!fields[0](next.Second) || !fields[1](next.Minute) || !fields[2](next.Hour));

        return next;
    }

    private static Func<int, bool> Field(string text)
    {
        if (text == "*")
        {
            return _ => true;
        }

        var isStep = text.StartsWith("*/", StringComparison.Ordinal);
        var number = int.Parse(isStep ? text[2..] : text, CultureInfo.InvariantCulture);
        return isStep ? value => value % number == 0 : value => value == number;
    }
}
