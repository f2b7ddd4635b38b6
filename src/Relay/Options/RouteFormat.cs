namespace Relay.Options;

/// <summary>The words of <c>Routes:*:Format</c>, of all kinds of route that have one.</summary>
internal enum RouteFormat
{
    Default,
    Maildir,
    Mbox,
    Blob,
    Mime,
    Json,
}
