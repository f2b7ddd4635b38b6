using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Relay.Support;

/// <summary>An authority on loopback: it publishes its keys over HTTP and signs whatever a test asks for.</summary>
public sealed class TokenAuthority : IAsyncDisposable
{
    private readonly WebApplication web;

    private TokenAuthority(WebApplication web) => this.web = web;

    /// <summary>What <c>Auth:TokenAuthority</c> is to be.</summary>
    public Uri Address { get; private set; } = null!;

    /// <summary>The <c>iss</c> of its tokens.</summary>
    public string Issuer => Address.AbsoluteUri;

    /// <summary>Keys that are published, by their id.</summary>
    public Dictionary<string, AsymmetricAlgorithm> Keys { get; } = new() { ["k1"] = RSA.Create(2048) };

    /// <summary>How often the metadata was read.</summary>
    public int Reads { get; private set; }

    /// <summary>While it is false every request fails.</summary>
    public bool IsUp { get; set; } = true;

    /// <summary>In place of the address of the keys.</summary>
    public string? KeysAddress { get; set; }

    /// <summary>Opens one at any free port.</summary>
    public static async Task<TokenAuthority> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0));
        var authority = new TokenAuthority(builder.Build());
        authority.web.MapGet("/tenant/v2.0/.well-known/openid-configuration", authority.Metadata);
        authority.web.MapGet("/keys", authority.JsonWebKeys);
        await authority.web.StartAsync();
        authority.Address = new Uri(authority.web.Urls.Single() + "/tenant/v2.0");
        return authority;
    }

    /// <summary>A token as Entra ID would sign it, with these claims in place of or beside the usual ones; null takes one away.</summary>
    public string Token(TimeProvider time, string kid = "k1", string? alg = null, params (string Name, object? Value)[] claims)
    {
        var now = time.GetUtcNow().ToUnixTimeSeconds();
        var all = new Dictionary<string, object?>
        {
            ["iss"] = Issuer,
            ["aud"] = "api://relay",
            ["nbf"] = now,
            ["exp"] = now + 3600,
            ["oid"] = "the-object",
            ["azp"] = "the-app",
        };
        foreach (var (name, value) in claims)
        {
            all[name] = value;
        }

        var key = Keys[kid];
        return Sign(key, alg ?? (key is RSA ? "RS256" : "ES256"), kid, all);
    }

    /// <summary>A token with these claims, signed or mis-signed as a test asks for.</summary>
    public static string Sign(
        AsymmetricAlgorithm key, string alg, string? kid, Dictionary<string, object?> claims, string type = "JWT", byte[]? hmacKey = null)
    {
        var header = new Dictionary<string, object?> { ["alg"] = alg, ["typ"] = type, ["kid"] = kid };
        var text = $"{Encode(header)}.{Encode(claims)}";
        var octets = Encoding.ASCII.GetBytes(text);
        byte[] signature = alg switch
        {
            "none" => [],
            "HS256" => HMACSHA256.HashData(hmacKey!, octets),
            "PS256" => ((RSA)key).SignData(octets, HashAlgorithmName.SHA256, RSASignaturePadding.Pss),
            "ES256" => ((ECDsa)key).SignData(octets, HashAlgorithmName.SHA256),
            _ => ((RSA)key).SignData(octets, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
        };
        return $"{text}.{Base64Url(signature)}";
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => web.DisposeAsync();

    private static string Encode(Dictionary<string, object?> values) =>
        Base64Url(JsonSerializer.SerializeToUtf8Bytes(values.Where(v => v.Value is not null).ToDictionary()));

    private static string Base64Url(byte[] octets) => System.Buffers.Text.Base64Url.EncodeToString(octets);

    private IResult Metadata()
    {
        Reads++;
        return IsUp
            ? Results.Json(new Dictionary<string, string> { ["issuer"] = Issuer, ["jwks_uri"] = KeysAddress ?? new Uri(Address, "/keys").AbsoluteUri })
            : Results.StatusCode(503);
    }

    private IResult JsonWebKeys() => Results.Json(new Dictionary<string, object> { ["keys"] = Keys.Select(k => Published(k.Key, k.Value)) });

    private static Dictionary<string, string> Published(string kid, AsymmetricAlgorithm key)
    {
        if (key is RSA rsa)
        {
            var p = rsa.ExportParameters(false);
            return new() { ["kty"] = "RSA", ["use"] = "sig", ["kid"] = kid, ["n"] = Base64Url(p.Modulus!), ["e"] = Base64Url(p.Exponent!) };
        }

        var ec = ((ECDsa)key).ExportParameters(false);
        return new() { ["kty"] = "EC", ["crv"] = "P-256", ["kid"] = kid, ["x"] = Base64Url(ec.Q.X!), ["y"] = Base64Url(ec.Q.Y!) };
    }
}
