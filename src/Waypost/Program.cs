using Waypost;
using Waypost.Access;
using Waypost.Storage;

var app = await WaypostApp.Build(
    new Settings { Storage = new StorageSettings("data", null), Access = new AccessSettings(null, null) },
    CancellationToken.None);
await app.RunAsync();
return 0;
