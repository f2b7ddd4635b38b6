namespace Relay.Transport.Login;

/// <summary>
/// A file of lines <c>host:user:password</c> as Exim's <c>passwd.client</c>: <c>#</c> begins a comment, the first line that
/// fits counts, <c>*</c> fits every host and <c>*.example.com</c> all below a domain; a caret of a password is doubled there.
/// Read again when it has changed.
/// </summary>
internal sealed class PasswordFile(string path)
{
    private readonly Lock gate = new();
    private (DateTime ChangedAt, long Length) stamp;
    private IReadOnlyList<Entry> entries = [];

    /// <summary>The name and the password for a host; null when no line fits.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public (string User, string Password)? For(string host)
    {
        foreach (var entry in Current())
        {
            if (entry.Fits(host))
            {
                return (entry.User, entry.Password);
            }
        }

        return null;
    }

    private IReadOnlyList<Entry> Current()
    {
        lock (gate)
        {
            var file = new FileInfo(path);
            if (!file.Exists)
            {
                throw new FileNotFoundException($"there is no file {path}");
            }

            var now = (file.LastWriteTimeUtc, file.Length);
            if (now != stamp)
            {
                entries = [.. File.ReadLines(path).Select(Entry.Read).OfType<Entry>()];
                stamp = now;
            }

            return entries;
        }
    }

    private sealed record Entry(string Host, string User, string Password)
    {
        /// <summary>Null for a line that says nothing.</summary>
        public static Entry? Read(string line)
        {
            line = line.Trim();
            return !line.StartsWith('#') && line.Split(':', 3) is [{ Length: > 0 } host, { Length: > 0 } user, { Length: > 0 } password]
                ? new Entry(host.Trim(), user.Trim(), password.Replace("^^", "^", StringComparison.Ordinal))
                : null;
        }

        public bool Fits(string host) =>
            Host == "*" || Host.Equals(host, StringComparison.OrdinalIgnoreCase) ||
            (Host.StartsWith('*') && host.EndsWith(Host[1..], StringComparison.OrdinalIgnoreCase));
    }
}
