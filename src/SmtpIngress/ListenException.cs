using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace Relay.SmtpIngress;

/// <summary>A listener could not be opened. The message names its address and says what to do, on one line.</summary>
public sealed class ListenException : IOException
{
    internal ListenException(IPEndPoint endpoint, Exception cause)
        : base($"Cannot listen on {endpoint} for SMTP: {Explain(cause)}", cause)
    {
    }

    /// <summary>What a socket throws when it cannot be bound.</summary>
    internal static bool Explains(Exception cause) => cause is AddressInUseException or SocketException;

    private static string Explain(Exception cause) => cause switch
    {
        AddressInUseException => "the port is in use. Stop the program that has it, or set another port in Smtp:Listeners.",
        SocketException { SocketErrorCode: SocketError.AccessDenied } =>
            "not permitted. Ports below 1024 need a privilege (CAP_NET_BIND_SERVICE); grant it, or set another port in Smtp:Listeners.",
        SocketException { SocketErrorCode: SocketError.AddressNotAvailable } =>
            "this machine has no such address. Set one that it has in Smtp:Listeners.",
        _ => $"{cause.Message}. Look at Smtp:Listeners.",
    };
}
