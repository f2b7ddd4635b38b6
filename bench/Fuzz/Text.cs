using System.Globalization;
using System.Text;

namespace Relay.Fuzz;

internal static class Text
{
    /// <summary>Octets as a string literal has them.</summary>
    public static string Shown(string text)
    {
        var shown = new StringBuilder();
        foreach (var c in text)
        {
            _ = c switch
            {
                '\r' => shown.Append("\\r"),
                '\n' => shown.Append("\\n"),
                '\\' => shown.Append("\\\\"),
                >= ' ' and < '\x7f' => shown.Append(c),
                _ => shown.Append(CultureInfo.InvariantCulture, $"\\x{(int)c:x2}"),
            };
        }

        return shown.ToString();
    }
}
