using Waypost.Pipelines;
using Xunit;

namespace Waypost.Tests.Pipelines;

public sealed class WorkerFolderTests
{
    [Fact]
    public void What_a_killed_worker_left_is_cleared_and_a_living_ones_is_not()
    {
        var parent = Directory.CreateTempSubdirectory("waypost-test-").FullName;
        try
        {
            var killed = Directory.CreateDirectory(Path.Combine(parent, "worker-1-x")).FullName;
            File.WriteAllText(Path.Combine(killed, "alive.lock"), "");
            File.WriteAllText(Path.Combine(Directory.CreateDirectory(Path.Combine(killed, "task")).FullName, "a"), "a");
            using var living = WorkerFolder.New(parent);
            File.WriteAllText(Path.Combine(living.Path, "half"), "a");
            string other;
            using (var second = WorkerFolder.New(parent))
            {
                other = second.Path;
                Assert.True(File.Exists(Path.Combine(living.Path, "half")));
                Assert.False(Directory.Exists(killed));
            }
            Assert.False(Directory.Exists(other));
            Assert.True(Directory.Exists(living.Path));
        }
        finally
        {
            Directory.Delete(parent, recursive: true);
        }
    }
}
