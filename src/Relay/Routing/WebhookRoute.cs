namespace Relay.Routing;

/// <summary>What only a webhook route has.</summary>
public sealed record WebhookRoute
{
    /// <summary>Where messages are posted to.</summary>
    public required Uri Url { get; init; }

    /// <summary>The key of the signatures; a <c>whsec_</c> in front means base64.</summary>
    public required string Secret { get; init; }

    /// <summary>What is posted.</summary>
    public WebhookFormat Format { get; init; }

    /// <summary>For the whole request.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The URL may lead to an address that is not of the public internet.</summary>
    public bool AllowPrivate { get; init; }

    /// <summary>Without the secret, and without what of the URL may be one.</summary>
    public override string ToString() => Url.Authority;
}

/// <summary>What a webhook gets.</summary>
public enum WebhookFormat
{
    /// <summary>The message as it is, behind fields that name the envelope.</summary>
    Mime,

    /// <summary>The message taken apart: envelope, header, texts, attachments.</summary>
    Json,
}
