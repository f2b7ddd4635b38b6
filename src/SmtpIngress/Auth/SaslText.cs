using System.Text;
using System.Text.Unicode;

namespace Relay.SmtpIngress.Auth;

/// <summary>Text in the responses of clients.</summary>
internal static class SaslText
{
    /// <summary>Null where it is not UTF-8 or holds NUL.</summary>
    public static string? Read(ReadOnlySpan<byte> octets) =>
        Utf8.IsValid(octets) && !octets.Contains((byte)0) ? Encoding.UTF8.GetString(octets) : null;

    /// <summary>A saslname (RFC 5802 §5.1), where <c>=2C</c> is a comma and <c>=3D</c> an equals sign; null for any other use of them.</summary>
    public static string? Name(string text)
    {
        var name = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == ',')
            {
                return null;
            }

            if (text[i] != '=')
            {
                name.Append(text[i]);
                continue;
            }

            switch (text.AsSpan(i).Length >= 3 ? text.AsSpan(i + 1, 2) : default)
            {
                case "2C":
                    name.Append(',');
                    break;
                case "3D":
                    name.Append('=');
                    break;
                default:
                    return null;
            }

            i += 2;
        }

        return name.Length == 0 ? null : name.ToString();
    }
}
