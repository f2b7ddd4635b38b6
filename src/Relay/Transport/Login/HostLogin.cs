using Azure.Core;
using Relay.Routing;

namespace Relay.Transport.Login;

/// <summary>How to sign in at one host. It is asked anew for each connection: tokens and files change.</summary>
internal sealed class HostLogin
{
    /// <summary>Best first.</summary>
    private static readonly string[] PasswordMechanisms = ["SCRAM-SHA-256", "PLAIN", "LOGIN"];

    private readonly SmarthostAuth auth;
    private readonly string user;
    private readonly string? password;
    private readonly Func<CancellationToken, ValueTask<AccessToken>>? token;

    private HostLogin(SmarthostAuth auth, string user, string? password, Func<CancellationToken, ValueTask<AccessToken>>? token, bool mayGoInClear)
    {
        this.auth = auth;
        this.user = user;
        this.password = password;
        this.token = token;
        MayGoInClear = mayGoInClear;
    }

    /// <summary>The route says <c>Tls: off</c>: whoever wrote that has decided that the network may see the password.</summary>
    public bool MayGoInClear { get; }

    /// <summary>By a name and a password.</summary>
    public static HostLogin ByPassword(SmarthostAuth auth, string user, string password, bool mayGoInClear) =>
        new(auth, user, password, null, mayGoInClear);

    /// <summary>By an access token.</summary>
    public static HostLogin ByToken(string user, TokenCredential credential, string scope, bool mayGoInClear) => new(
        SmarthostAuth.XOAuth2, user, null, cancel => credential.GetTokenAsync(new TokenRequestContext([scope]), cancel), mayGoInClear);

    /// <summary>The mechanism to use of those that the server offers; null when none fits.</summary>
    public string? Choose(IReadOnlyList<string> offered)
    {
        IEnumerable<string> wanted = auth switch
        {
            SmarthostAuth.XOAuth2 => ["XOAUTH2"],
            SmarthostAuth.Plain => ["PLAIN"],
            SmarthostAuth.Login => ["LOGIN"],
            SmarthostAuth.ScramSha256 => ["SCRAM-SHA-256"],
            _ => PasswordMechanisms,
        };
        return wanted.FirstOrDefault(mechanism => offered.Contains(mechanism, StringComparer.OrdinalIgnoreCase));
    }

    /// <summary>Begins an exchange. Throws what the credential throws when no token is to be had.</summary>
    public async ValueTask<SaslClient> BeginAsync(string mechanism, CancellationToken cancel) => token is null
        ? SaslClient.OfPassword(mechanism, user, password!)
        : SaslClient.OfToken(user, (await token(cancel)).Token);
}
