using System.Text;

namespace Waypost.Access;

/// <summary>A small file that only its owner may read: keys kept in the data folder.</summary>
static class OwnersFile
{
    /// <summary>The file's text; when there is none it is made, whole or not at all, with mode 0600.</summary>
    /// <exception cref="CannotStartException">It cannot be read or made.</exception>
    public static string ReadOrMake(string path, Func<string> make)
    {
        try
        {
            if (!File.Exists(path)) Make(path, make());
            return File.ReadAllText(path).Trim();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new CannotStartException(
                $"{Path.GetFullPath(path)} cannot be read or made: {error.Message} Make the data folder and its files "
                + "readable and writable for the server's user.", error);
        }
    }

    // Another process may be making it at the same moment: the first one's file stays.
    static void Make(string path, string text)
    {
        var whole = path + "." + Environment.ProcessId;
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var file = new FileStream(whole, options))
        {
            file.Write(Encoding.UTF8.GetBytes(text + "\n"));
            file.Flush(flushToDisk: true);
        }
        try
        {
            File.Move(whole, path, overwrite: false);
        }
        catch (IOException) when (File.Exists(path))
        {
            File.Delete(whole);
        }
    }
}

/// <summary>The server cannot start as it is told to; the sentence says why and what to do about it.</summary>
public sealed class CannotStartException(string message, Exception? inner = null) : Exception(message, inner);
