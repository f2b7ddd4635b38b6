using System.CommandLine;
using Microsoft.Extensions.Logging;
using Relay.Accounts;
using Relay.Accounts.Embedded;
using Relay.Addresses;
using Relay.Addresses.Embedded;
using Relay.Options;
using Relay.Spool;
using Relay.Spool.Azure;
using Relay.Spool.Embedded;
using Relay.Telemetry;

namespace Relay.Cli;

/// <summary>The options that every command has.</summary>
internal sealed class GlobalOptions
{
    private const string SpoolVariable = "Relay__Spool";

    private readonly Option<string?> data = new("--data")
    {
        Description = "The data folder [default: $Relay__Data, or ./.relay]",
        HelpName = "DIR",
        Recursive = true,
    };

    private readonly Option<string?> config = new("--config")
    {
        Description = "The configuration file [default: relay.json in the data folder]",
        HelpName = "FILE",
        Recursive = true,
    };

    private readonly Option<bool> verbose = new("--verbose")
    {
        Description = "Show where in the program an unexpected fault arose",
        Recursive = true,
    };

    public void AddTo(Command root)
    {
        root.Options.Add(data);
        root.Options.Add(config);
        root.Options.Add(verbose);
    }

    public bool IsVerbose(ParseResult parsed) => parsed.GetValue(verbose);

    /// <summary>Looks into the spool of the data folder, whether a relay has it open or not.</summary>
    public async Task<int> ReadSpoolAsync(ParseResult parsed, Surroundings around, Func<IStatusReader, string, Task<int>> read)
    {
        if (Load(parsed, around) is not { Options: { } options })
        {
            return ExitCodes.Usage;
        }

        if (options.Spool == SpoolKind.Azure)
        {
            return await UseAzureAsync(options, around, (stores, place) => read(stores.Spool, place));
        }

        await using var reader = EmbeddedStatusReader.Open(options.Data);
        return await read(reader, options.Data);
    }

    /// <summary>Opens what an estate has in Azure Storage, beside its running instances.</summary>
    /// <param name="use">Is given it, and a name of the place.</param>
    public static async Task<int> UseAzureAsync(RelayOptions options, Surroundings around, Func<AzureStores, string, Task<int>> use)
    {
        using var lines = new LineLoggerProvider(around.Error, around.Time);
        using var logs = lines.CreateFactory(LogLevel.Warning);
        await using var stores = await AzureStores.OpenAsync(options, logs, around.Time, CancellationToken.None);
        return await use(stores, options.Shards[0].Account ?? "the emulator");
    }

    /// <summary>
    /// Opens the accounts of the data folder, beside a running relay or without one. Only a command that adds one makes
    /// them where there are none: any other has most likely been given the wrong folder.
    /// </summary>
    public async Task<int> UseAccountsAsync(
        ParseResult parsed, Surroundings around, Func<IAccounts, string, Task<int>> use, bool mayCreate = false)
    {
        if (Load(parsed, around) is not { Options: { } options })
        {
            return ExitCodes.Usage;
        }

        if (options.Spool == SpoolKind.Azure)
        {
            return await UseAzureAsync(options, around, (stores, place) => use(stores.Accounts, place));
        }

        if (!mayCreate && !EmbeddedAccounts.ExistIn(options.Data))
        {
            return around.Fail(
                ExitCodes.Unreachable,
                $"there are no accounts in {options.Data}: name the relay's data folder with --data, or add the first with 'relay account add'");
        }

        using var lines = new LineLoggerProvider(around.Error, around.Time);
        using var logs = lines.CreateFactory(LogLevel.Warning);
        await using var accounts = EmbeddedAccounts.Open(options.Data, around.Time, logs.CreateLogger<EmbeddedAccounts>());
        return await use(accounts, options.Data);
    }

    /// <summary>Opens the address book of the data folder, beside a running relay or without one.</summary>
    /// <param name="use">Is given the book, the configuration and the data folder.</param>
    /// <param name="mayCreate">Make the book where there is none. Only a command that adds to it does so.</param>
    /// <param name="mayLack">Where there is none use an empty one: the configuration alone has something to say.</param>
    public async Task<int> UseAddressesAsync(
        ParseResult parsed, Surroundings around, Func<IAddressBook, RelayOptions, string, Task<int>> use, bool mayCreate = false, bool mayLack = false)
    {
        if (Load(parsed, around) is not { Options: { } options })
        {
            return ExitCodes.Usage;
        }

        if (options.Spool == SpoolKind.Azure)
        {
            return await UseAzureAsync(options, around, (stores, place) => use(stores.Addresses, options, place));
        }

        if (mayCreate || EmbeddedAddressBook.ExistsIn(options.Data))
        {
            await using var book = EmbeddedAddressBook.Open(options.Data, around.Time);
            return await use(book, options, options.Data);
        }

        return mayLack
            ? await use(EmptyAddressBook.Instance, options, options.Data)
            : around.Fail(
                ExitCodes.Unreachable,
                $"there is no address book in {options.Data}: name the relay's data folder with --data, or run the relay there once");
    }

    /// <summary>Reads the configuration; when it is at fault, tells every fault and gives null.</summary>
    /// <param name="spool">The engine, as a command line gives it; null for the one of the configuration.</param>
    public OptionsResult? Load(ParseResult parsed, Surroundings around, string? spool = null)
    {
        var result = OptionsLoader.Load(new OptionsSource
        {
            DataFolder = parsed.GetValue(data),
            ConfigFile = parsed.GetValue(config),
            Environment = spool is null ? around.Environment : new Dictionary<string, string>(around.Environment) { [SpoolVariable] = spool },
            WorkingFolder = around.WorkingFolder,
        });
        if (result.IsValid)
        {
            return result;
        }

        foreach (var fault in result.Faults)
        {
            around.Fail(ExitCodes.Usage, $"configuration: {fault}");
        }

        return null;
    }
}
