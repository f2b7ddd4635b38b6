namespace Relay.Transport.Acs;

/// <summary>What the service answered to a request, or why there is no answer. It is never an exception.</summary>
internal sealed record AcsAnswer
{
    /// <summary>The status of HTTP; 0 where there was no answer.</summary>
    public int HttpStatus { get; init; }

    /// <summary>One of <see cref="Status.Reasons"/> where there was no answer.</summary>
    public string? NoAnswer { get; init; }

    /// <summary>The operation, as the service knows it.</summary>
    public string? OperationId { get; init; }

    /// <summary>How it stands.</summary>
    public AcsState State { get; init; }

    /// <summary>The service's code of an error, such as <c>DomainNotLinked</c>.</summary>
    public string? Code { get; init; }

    /// <summary>Its words, or ours where there was no answer; on one line and not too long.</summary>
    public string? Message { get; init; }

    /// <summary>How long it asks to be left alone.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>This relay could not sign in.</summary>
    public bool IsSignInFailure { get; init; }

    /// <summary>The configuration is to be mended: who we are, or what we ask for.</summary>
    public bool IsOurFault => IsSignInFailure || HttpStatus is 401 or 403 or 404;

    /// <summary>True for 2xx.</summary>
    public bool IsSuccess => HttpStatus is >= 200 and < 300;

    /// <summary>For people: <c>400 BadRequest: the words</c>.</summary>
    public string InWords => string.Join(' ',
        new[] { HttpStatus == 0 ? null : $"{HttpStatus}", Code is null ? null : $"{Code}:", Message }.Where(part => part is { Length: > 0 }));
}

/// <summary>How an operation stands.</summary>
internal enum AcsState
{
    /// <summary>The service did not say, or in a word that is not known.</summary>
    Unknown,

    /// <summary>NotStarted or Running.</summary>
    Running,

    /// <summary>Taken for delivery, and not delivered yet.</summary>
    Succeeded,

    /// <summary>It will not be sent.</summary>
    Failed,

    /// <summary>It was stopped.</summary>
    Canceled,
}
