using Relay.Load;

return await LoadCommand.Create().Parse(args).InvokeAsync();
