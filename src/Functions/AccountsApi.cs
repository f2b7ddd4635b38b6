using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Relay.Accounts;

namespace Relay.Functions;

/// <summary>
/// What became of attempts to sign in, and the locks that followed: <c>GET /sessions/{id}</c>, <c>GET /locks</c> and
/// <c>DELETE /locks/{kind}/{subject}</c>.
/// </summary>
public static class AccountsApi
{
    /// <summary>Adds all of them to an app.</summary>
    public static void Map(IEndpointRouteBuilder routes, IAccounts accounts, TimeProvider time)
    {
        routes.MapGet("/sessions/{id}", (string id, CancellationToken cancel) => SessionAsync(id, accounts, cancel));
        routes.MapGet("/locks", (CancellationToken cancel) => LocksAsync(accounts, time, cancel));
        // To the end of the path: the subject may be a network, or whatever name a stranger has tried.
        routes.MapDelete("/locks/{kind}/{**subject}", (string kind, string? subject, CancellationToken cancel) =>
            UnlockAsync(kind, subject, accounts, cancel));
    }

    private static async Task<IResult> SessionAsync(string id, IAccounts accounts, CancellationToken cancel)
    {
        var signIns = await accounts.SignInsAsync(id, cancel);
        return signIns.Count > 0
            ? TypedResults.Json(new SessionSignIns(id, signIns), AccountsJson.Default.SessionSignIns)
            : Problem.NotFound("No attempt to sign in is known of this session: there was none, or it is no longer kept");
    }

    private static async Task<IResult> LocksAsync(IAccounts accounts, TimeProvider time, CancellationToken cancel) =>
        TypedResults.Json(new LockList(await accounts.LocksAsync(time.GetUtcNow(), cancel)), AccountsJson.Default.LockList);

    private static async Task<IResult> UnlockAsync(string word, string? subject, IAccounts accounts, CancellationToken cancel)
    {
        if (!LockText.TryParseKind(word, out var kind))
        {
            return Problem.NotFound("A lock is on an address or on an account: DELETE /locks/address/… or /locks/account/…");
        }

        // The framework leaves an escaped slash of a path as it is.
        var text = (subject ?? "").Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);
        return await accounts.UnlockAsync(kind, LockText.Subject(kind, text), cancel)
            ? TypedResults.NoContent()
            : Problem.NotFound("There is no such lock in force; GET /locks lists those that are");
    }
}
