using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Testing;
using Relay.Accounts;
using Relay.Accounts.Embedded;
using Relay.Spool;
using Relay.Telemetry;

namespace Relay.Tests.Accounts;

public sealed class EmbeddedAccountsTests : AccountsContract
{
}
