using Relay.Mail;
using Relay.Options;

namespace Relay.SmtpIngress.Limits;

/// <summary>How many messages an account, or else an address, may still hand in. Trusted networks are free of it.</summary>
internal sealed class ClientRates(SmtpOptions options, TimeProvider time)
{
    private readonly RateLimiter limiter = new(time);

    /// <summary>Counts a message; false when it is one too many for now.</summary>
    public bool TryTake(Client client)
    {
        if (client.Account is { } account)
        {
            return (account.Rate ?? options.RatePerAccount) is not { } rate || limiter.TryTake($"account {account.Name}", rate);
        }

        return options.RatePerAddress is not { } perAddress || client.IsTrusted || client.Address is not { } address ||
            limiter.TryTake($"address {ClientNetwork.Of(address)}", perAddress);
    }
}
