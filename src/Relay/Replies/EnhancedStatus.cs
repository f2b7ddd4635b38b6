using System.Text.Json;
using System.Text.Json.Serialization;

namespace Relay.Replies;

/// <summary>An enhanced status code <c>class.subject.detail</c> (RFC 3463; the registry is RFC 5248).</summary>
[JsonConverter(typeof(EnhancedStatusJson))]
public readonly record struct EnhancedStatus(int Class, int Subject, int Detail)
{
    /// <summary>Reads the code at the start of <paramref name="text"/>; <paramref name="length"/> is what it took.</summary>
    public static bool TryRead(ReadOnlySpan<char> text, out EnhancedStatus status, out int length)
    {
        status = default;
        length = 0;
        var position = 0;
        if (!Number(text, ref position, 1, out var @class) || @class is not (2 or 4 or 5) ||
            !Dot(text, ref position) || !Number(text, ref position, 3, out var subject) ||
            !Dot(text, ref position) || !Number(text, ref position, 3, out var detail) ||
            (position < text.Length && text[position] != ' '))
        {
            return false;
        }

        status = new EnhancedStatus(@class, subject, detail);
        length = position;
        return true;
    }

    /// <summary>The form of the wire, such as <c>5.1.1</c>.</summary>
    public override string ToString() => $"{Class}.{Subject}.{Detail}";

    private static bool Dot(ReadOnlySpan<char> text, ref int position) =>
        position < text.Length && text[position++] == '.';

    private static bool Number(ReadOnlySpan<char> text, ref int position, int maxDigits, out int value)
    {
        value = 0;
        var start = position;
        while (position < text.Length && position - start < maxDigits && char.IsAsciiDigit(text[position]))
        {
            value = (value * 10) + text[position++] - '0';
        }

        return position > start;
    }
}

/// <summary>In JSON a status is its text.</summary>
internal sealed class EnhancedStatusJson : JsonConverter<EnhancedStatus>
{
    public override EnhancedStatus Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.GetString() is { } text && EnhancedStatus.TryRead(text, out var status, out var length) && length == text.Length
            ? status
            : throw new JsonException("not an enhanced status code");

    public override void Write(Utf8JsonWriter writer, EnhancedStatus value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());
}
