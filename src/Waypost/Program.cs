using Waypost.Hosting;

return await Start.Run(args, Start.Variables(), Console.Out, Console.Error);
