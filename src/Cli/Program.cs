using Relay.Cli;

return await RelayCommand.RunAsync(args, Surroundings.OfProcess(), CancellationToken.None);
