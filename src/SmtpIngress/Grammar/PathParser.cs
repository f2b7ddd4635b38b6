using System.Diagnostics.CodeAnalysis;
using System.Text;
using Relay.Mail;

namespace Relay.SmtpIngress.Grammar;

/// <summary>
/// The paths of MAIL and RCPT (RFC 5321 §4.1.2), at the front of a command's argument.
/// <code>
/// Reverse-path = Path / "&lt;&gt;"
/// Forward-path = Path / "&lt;Postmaster&gt;"          ; §4.1.1.3: the only one without a domain
/// Path         = "&lt;" [ A-d-l ":" ] Mailbox "&gt;"
/// A-d-l        = At-domain *( "," At-domain )   ; a source route: read, and dropped (appendix C)
/// At-domain    = "@" Domain
/// </code>
/// Lenient: white space before the path, and a path without its angle brackets. Both are understood and told.
/// </summary>
internal static class PathParser
{
    /// <summary>Reads a reverse-path and takes it off the front of <paramref name="text"/>.</summary>
    public static bool TryReversePath(
        ref ReadOnlySpan<byte> text, [NotNullWhen(true)] out ReversePath? path, out bool isLenient)
    {
        path = null;
        if (!TryTakePath(ref text, out var inner, out var inBrackets, out isLenient))
        {
            return false;
        }

        if (inner.IsEmpty && inBrackets)
        {
            path = ReversePath.Null;
        }
        else if (TryDropSourceRoute(ref inner) && Mailbox.TryParse(inner, out var mailbox))
        {
            path = new ReversePath(mailbox);
        }

        return path is not null;
    }

    /// <summary>Reads a forward-path and takes it off the front of <paramref name="text"/>.</summary>
    /// <param name="postmasterDomain">The domain of <c>&lt;Postmaster&gt;</c>.</param>
    public static bool TryForwardPath(
        ref ReadOnlySpan<byte> text, string postmasterDomain, [NotNullWhen(true)] out ForwardPath? path, out bool isLenient)
    {
        path = null;
        if (!TryTakePath(ref text, out var inner, out _, out isLenient))
        {
            return false;
        }

        if (Ascii.EqualsIgnoreCase(inner, "postmaster"u8))
        {
            path = new ForwardPath(new Mailbox(Encoding.ASCII.GetString(inner), postmasterDomain));
        }
        else if (TryDropSourceRoute(ref inner) && Mailbox.TryParse(inner, out var mailbox))
        {
            path = new ForwardPath(mailbox);
        }

        return path is not null;
    }

    private static bool TryTakePath(
        ref ReadOnlySpan<byte> text, out ReadOnlySpan<byte> inner, out bool inBrackets, out bool isLenient)
    {
        var path = text.TrimStart(" \t"u8);
        inBrackets = path.Length > 0 && path[0] == '<';
        isLenient = path.Length < text.Length || !inBrackets;
        if (inBrackets)
        {
            var end = IndexOutsideQuotes(path, (byte)'>');
            inner = end < 0 ? default : path[1..end];
            text = end < 0 ? default : path[(end + 1)..];
            return end > 0;
        }

        var length = IndexOutsideQuotes(path, (byte)' ');
        inner = length < 0 ? path : path[..length];
        text = path[inner.Length..];
        return !inner.IsEmpty;
    }

    // Quoted-string = DQUOTE *( qtextSMTP / quoted-pairSMTP ) DQUOTE ; it may hold ">" and SP
    private static int IndexOutsideQuotes(ReadOnlySpan<byte> text, byte wanted)
    {
        var inQuotes = false;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '"')
            {
                inQuotes = !inQuotes;
            }
            else if (inQuotes && text[i] == '\\')
            {
                i++;
            }
            else if (!inQuotes && text[i] == wanted)
            {
                return i;
            }
        }

        return -1;
    }

    private static bool TryDropSourceRoute(ref ReadOnlySpan<byte> path)
    {
        while (path.Length > 0 && path[0] == '@')
        {
            var literal = path.Length > 1 && path[1] == '[' ? Math.Max(path.IndexOf((byte)']'), 0) : 0;
            var end = path[literal..].IndexOfAny((byte)',', (byte)':');
            if (end < 0 || !Mailbox.IsDomain(path[1..(literal + end)]))
            {
                return false;
            }

            var isLast = path[literal + end] == ':';
            path = path[(literal + end + 1)..];
            if (isLast)
            {
                return true;
            }

            if (path.IsEmpty || path[0] != '@')
            {
                return false;
            }
        }

        return true;
    }
}
