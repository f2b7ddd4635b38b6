using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json.Serialization;

namespace Relay.Mail;

/// <summary>RET of MAIL (RFC 3461 §4.3).</summary>
[JsonConverter(typeof(JsonStringEnumConverter<DsnReturn>))]
public enum DsnReturn
{
    /// <summary><c>FULL</c>: the whole message.</summary>
    Full,

    /// <summary><c>HDRS</c>: its header.</summary>
    Headers,
}

/// <summary>NOTIFY of RCPT (RFC 3461 §4.1).</summary>
[Flags]
public enum DsnNotify
{
    /// <summary>Not said: of failure, and of nothing else.</summary>
    None = 0,

    /// <summary><c>NEVER</c>; it stands alone.</summary>
    Never = 1,

    /// <summary><c>SUCCESS</c>.</summary>
    Success = 2,

    /// <summary><c>FAILURE</c>.</summary>
    Failure = 4,

    /// <summary><c>DELAY</c>.</summary>
    Delay = 8,
}

/// <summary>The values of RET, ENVID and NOTIFY on the wire (RFC 3461 §4); ORCPT is <see cref="OriginalRecipient"/>.</summary>
public static class DsnParameters
{
    /// <summary>Octets of ENVID, encoded (RFC 3461 §4.4).</summary>
    public const int MaxEnvelopeId = 100;

    private static readonly (DsnNotify Flag, string Word)[] NotifyWords =
    [
        (DsnNotify.Never, "NEVER"), (DsnNotify.Success, "SUCCESS"), (DsnNotify.Failure, "FAILURE"), (DsnNotify.Delay, "DELAY"),
    ];

    /// <summary>True when a failure is to be reported to the sender.</summary>
    public static bool OfFailure(this DsnNotify notify) => notify == DsnNotify.None || notify.HasFlag(DsnNotify.Failure);

    /// <summary>True when a success is to be reported to the sender.</summary>
    public static bool OfSuccess(this DsnNotify notify) => notify.HasFlag(DsnNotify.Success);

    /// <summary>True when a delay is to be reported to the sender. Where nothing is said that is ours to decide (RFC 3461 §4.1), and it is.</summary>
    public static bool OfDelay(this DsnNotify notify) => notify == DsnNotify.None || notify.HasFlag(DsnNotify.Delay);

    /// <summary>Reads the value of RET.</summary>
    public static bool TryReturn(ReadOnlySpan<byte> value, out DsnReturn @return)
    {
        @return = Ascii.EqualsIgnoreCase(value, "HDRS"u8) ? DsnReturn.Headers : DsnReturn.Full;
        return @return == DsnReturn.Headers || Ascii.EqualsIgnoreCase(value, "FULL"u8);
    }

    /// <summary>The value of RET.</summary>
    public static string Encode(this DsnReturn @return) => @return == DsnReturn.Full ? "FULL" : "HDRS";

    /// <summary>Reads the value of ENVID.</summary>
    public static bool TryEnvelopeId(ReadOnlySpan<byte> value, [NotNullWhen(true)] out string? id)
    {
        id = null;
        return value.Length <= MaxEnvelopeId && Xtext.TryDecode(value, out id);
    }

    /// <summary>Reads the value of NOTIFY: NEVER, or a list of the others, each at most once.</summary>
    public static bool TryNotify(ReadOnlySpan<byte> value, out DsnNotify notify)
    {
        notify = DsnNotify.None;
        foreach (var range in value.Split((byte)','))
        {
            var flag = Flag(value[range]);
            if (flag == DsnNotify.None || notify.HasFlag(flag))
            {
                return false;
            }

            notify |= flag;
        }

        return notify == DsnNotify.Never || !notify.HasFlag(DsnNotify.Never);
    }

    /// <summary>The value of NOTIFY.</summary>
    public static string Encode(this DsnNotify notify) =>
        string.Join(',', NotifyWords.Where(n => notify.HasFlag(n.Flag)).Select(n => n.Word));

    private static DsnNotify Flag(ReadOnlySpan<byte> word)
    {
        foreach (var (flag, text) in NotifyWords)
        {
            if (Ascii.EqualsIgnoreCase(word, text))
            {
                return flag;
            }
        }

        return DsnNotify.None;
    }
}
