using System.Text;

namespace Relay.Transport.Login;

/// <summary>The client's side of one SASL mechanism (RFC 4422), for one exchange.</summary>
internal abstract class SaslClient(string name)
{
    /// <summary>As it stands behind AUTH.</summary>
    public string Name { get; } = name;

    /// <summary>What goes with the command itself; null where the server speaks first.</summary>
    public virtual byte[]? Begin() => null;

    /// <summary>The answer to a challenge; null where the mechanism knows none.</summary>
    public abstract byte[]? Answer(byte[] challenge);

    /// <summary>Whether the server may end the exchange here: SCRAM asks that it has shown to know the password.</summary>
    public virtual bool MayEnd => true;

    /// <summary>The client of a mechanism that takes a password.</summary>
    public static SaslClient OfPassword(string mechanism, string user, string password) => mechanism switch
    {
        "PLAIN" => new Plain(user, password),
        "LOGIN" => new Login(user, password),
        "SCRAM-SHA-256" => new ScramClient(user, password),
        _ => throw new ArgumentException(mechanism, nameof(mechanism)),
    };

    /// <summary>The client of XOAUTH2.</summary>
    public static SaslClient OfToken(string user, string token) => new Token(user, token);

    /// <summary>RFC 4616: all at once.</summary>
    private sealed class Plain(string user, string password) : SaslClient("PLAIN")
    {
        public override byte[] Begin() => Encoding.UTF8.GetBytes($"\0{user}\0{password}");

        public override byte[]? Answer(byte[] challenge) => null;
    }

    /// <summary>The server asks for the name, then for the password, in whatever words.</summary>
    private sealed class Login(string user, string password) : SaslClient("LOGIN")
    {
        private int asked;

        public override byte[]? Answer(byte[] challenge) => asked++ switch
        {
            0 => Encoding.UTF8.GetBytes(user),
            1 => Encoding.UTF8.GetBytes(password),
            _ => null,
        };
    }

    /// <summary>All at once; a challenge is the server's complaint, to which an empty answer is due before it refuses.</summary>
    private sealed class Token(string user, string token) : SaslClient("XOAUTH2")
    {
        public override byte[] Begin() => Encoding.UTF8.GetBytes($"user={user}\u0001auth=Bearer {token}\u0001\u0001");

        public override byte[]? Answer(byte[] challenge) => [];
    }
}
