using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Relay.Addresses;
using Relay.Mail;
using Relay.Options;
using Relay.Status;

namespace Relay.Functions;

/// <summary>
/// What changes while the relay runs: <c>GET</c>, <c>PUT</c> and <c>DELETE</c> of <c>/domains/{name}</c>,
/// <c>/aliases/{address}</c> and <c>/suppressions/{address}</c>, and <c>GET</c> of all of each.
/// </summary>
internal sealed class AddressesApi(IAddressBook book, RelayOptions options, TimeProvider time)
{
    private const int DefaultLimit = 100;

    private const string NoSuchDomain = "There is no such domain; GET /domains lists those that are ours";
    private const string NoSuchAlias = "There is no such alias; GET /aliases lists those that there are";
    private const string NoSuchSuppression = "This address is not on the suppression list; GET /suppressions lists those that are";
    private const string Configured = "This stands in the configuration, which alone can change it";

    /// <summary>Adds all of them to an app. Addresses go to the end of the path: a local part may have a slash.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/domains", () => Json(new OwnDomainList(OwnDomain.All(options.Domains, book.Current)), AddressesJson.Default.OwnDomainList));
        routes.MapGet("/domains/{name}", (string name) => Domain(name));
        routes.MapPut("/domains/{name}", (string name, HttpRequest request, CancellationToken cancel) => PutDomainAsync(name, request, cancel));
        routes.MapDelete("/domains/{name}", (string name, CancellationToken cancel) => DeleteDomainAsync(name, cancel));

        routes.MapGet("/aliases", (HttpRequest request) => Aliases(request));
        routes.MapGet("/aliases/{**address}", (string? address) => Alias(Unescaped(address)));
        routes.MapPut("/aliases/{**address}", (string? address, HttpRequest request, CancellationToken cancel) =>
            PutAliasAsync(Unescaped(address), request, cancel));
        routes.MapDelete("/aliases/{**address}", (string? address, CancellationToken cancel) => DeleteAliasAsync(Unescaped(address), cancel));

        routes.MapGet("/suppressions", (HttpRequest request, CancellationToken cancel) => SuppressionsAsync(request, cancel));
        routes.MapGet("/suppressions/{**address}", (string? address) => Suppression(Unescaped(address)));
        routes.MapPut("/suppressions/{**address}", (string? address, HttpRequest request, CancellationToken cancel) =>
            PutSuppressionAsync(Unescaped(address), request, cancel));
        routes.MapDelete("/suppressions/{**address}", async (string? address, CancellationToken cancel) =>
            Removed(await book.UnsuppressAsync(Unescaped(address), cancel), NoSuchSuppression));
    }

    private IResult Domain(string name) => OwnDomain.Find(name, options.Domains, book.Current) is { } found
        ? Json(found, AddressesJson.Default.OwnDomain)
        : Problem.NotFound(NoSuchDomain);

    private async Task<IResult> PutDomainAsync(string name, HttpRequest request, CancellationToken cancel)
    {
        var there = OwnDomain.Find(name, options.Domains, book.Current);
        if (there?.Source == EntrySource.Configuration)
        {
            return Problem.Conflict(Configured);
        }

        var (body, notJson) = await ReadAsync(request, AddressesJson.Default.DomainBody, cancel);
        if (body is null)
        {
            return notJson!;
        }

        var (domain, faults) = AddressParser.Domain(name, body.Recipients);
        if (domain is null)
        {
            return Wrong(faults);
        }

        await book.AddDomainAsync(domain, cancel);
        return Json(new OwnDomain(domain.Name, domain.Recipients, EntrySource.Added), AddressesJson.Default.OwnDomain, isNew: there is null);
    }

    private async Task<IResult> DeleteDomainAsync(string name, CancellationToken cancel)
    {
        var removed = await book.RemoveDomainAsync(name, cancel);
        return !removed && OwnDomain.Find(name, options.Domains, book.Current) is not null
            ? Problem.Conflict(Configured)
            : Removed(removed, NoSuchDomain);
    }

    private IResult Aliases(HttpRequest request) => Page(request) is var (after, limit, wrong) && wrong is null
        ? Json(AliasPage.Of(options.Aliases, book.Current, after, limit), AddressesJson.Default.AliasPage)
        : wrong!;

    private IResult Alias(string address) => OwnAlias.Find(address, options.Aliases, book.Current) is { } found
        ? Json(found, AddressesJson.Default.OwnAlias)
        : Problem.NotFound(NoSuchAlias);

    private async Task<IResult> PutAliasAsync(string address, HttpRequest request, CancellationToken cancel)
    {
        var (body, notJson) = await ReadAsync(request, AddressesJson.Default.AliasBody, cancel);
        if (body is null)
        {
            return notJson!;
        }

        var (alias, faults) = AddressParser.Alias(address, body.Targets);
        if (alias is null)
        {
            return Wrong(faults);
        }

        var isNew = OwnAlias.Find(alias.Address, options.Aliases, book.Current) is null;
        await book.AddAliasAsync(alias, cancel);
        return Json(OwnAlias.Added(alias), AddressesJson.Default.OwnAlias, isNew);
    }

    private async Task<IResult> DeleteAliasAsync(string address, CancellationToken cancel)
    {
        var removed = await book.RemoveAliasAsync(address, cancel);
        return !removed && OwnAlias.Find(address, options.Aliases, book.Current) is not null
            ? Problem.Conflict(Configured)
            : Removed(removed, NoSuchAlias);
    }

    private async Task<IResult> SuppressionsAsync(HttpRequest request, CancellationToken cancel)
    {
        var (after, limit, wrong) = Page(request);
        return wrong ?? Json(await SuppressionPage.ReadAsync(book, after, limit, cancel), AddressesJson.Default.SuppressionPage);
    }

    private IResult Suppression(string address) => Mailbox.TryParse(address, out var mailbox) && book.FindSuppression(mailbox) is { } found
        ? Json(found, AddressesJson.Default.Suppression)
        : Problem.NotFound(NoSuchSuppression);

    private async Task<IResult> PutSuppressionAsync(string address, HttpRequest request, CancellationToken cancel)
    {
        var (body, notJson) = await ReadAsync(request, AddressesJson.Default.SuppressionBody, cancel);
        if (body is null)
        {
            return notJson!;
        }

        var (entry, faults) = AddressParser.Suppression(address, body.Reason, body.For, time.GetUtcNow());
        if (entry is null)
        {
            return Wrong(faults);
        }

        var isNew = Mailbox.TryParse(entry.Address, out var mailbox) && book.FindSuppression(mailbox) is null;
        await book.SuppressAsync(entry, cancel);
        return Json(entry, AddressesJson.Default.Suppression, isNew);
    }

    /// <summary>Which page is asked for, or what is wrong with the question.</summary>
    private static (string? After, int Limit, IResult? Wrong) Page(HttpRequest request)
    {
        string? after = request.Query["after"];
        string? text = request.Query["limit"];
        var limit = DefaultLimit;
        return text is null ||
            (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out limit) && limit is > 0 and <= StatusQuery.MaxLimit)
            ? (after, limit, null)
            : (null, 0, Problem.BadRequest([("limit", $"allowed is 1 to {StatusQuery.MaxLimit}")]));
    }

    /// <summary>An empty body is the same as <c>{}</c>.</summary>
    private static async Task<(T? Body, IResult? NotJson)> ReadAsync<T>(HttpRequest request, JsonTypeInfo<T> type, CancellationToken cancel)
        where T : class
    {
        using var text = new MemoryStream();
        await request.Body.CopyToAsync(text, cancel);
        try
        {
            var octets = text.Length == 0 ? "{}"u8 : text.GetBuffer().AsSpan(0, (int)text.Length);
            if (JsonSerializer.Deserialize(octets, type) is { } body)
            {
                return (body, null);
            }
        }
        catch (JsonException)
        {
            // What is told is the same as for null.
        }

        var names = string.Join(", ", type.Properties.Select(property => property.Name));
        return (null, Problem.BadRequest($"The body is not what is asked for here: a JSON object with nothing but {names}, as docs/http.md shows"));
    }

    /// <summary>The framework leaves an escaped slash of a path as it is.</summary>
    private static string Unescaped(string? address) => (address ?? "").Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);

    private static IResult Removed(bool removed, string notThere) => removed ? TypedResults.NoContent() : Problem.NotFound(notThere);

    private static IResult Wrong(IReadOnlyList<AddressFault> faults) =>
        Problem.BadRequest(faults.Select(fault => (fault.Parameter, fault.Problem)));

    /// <summary>What a PUT has made is answered by 201 (RFC 9110 §9.3.4).</summary>
    private static JsonHttpResult<T> Json<T>(T value, JsonTypeInfo<T> type, bool isNew = false) =>
        TypedResults.Json(value, type, statusCode: isNew ? StatusCodes.Status201Created : StatusCodes.Status200OK);
}
