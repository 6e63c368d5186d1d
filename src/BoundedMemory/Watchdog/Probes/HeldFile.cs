using Microsoft.Win32.SafeHandles;

namespace BoundedMemory;

/// <summary>A small file that the kernel makes up anew whenever it is read from its beginning: opened once, read with one system call and without allocating.</summary>
internal sealed class HeldFile(string path) : IDisposable
{
    private SafeFileHandle? _handle;

    public string Path => path;

    /// <summary>Whether it was there when it was last to be opened.</summary>
    public bool Exists { get; private set; }

    /// <summary>Reads from the beginning. A file that could not be read is opened anew the next time.</summary>
    /// <returns>What was read, as much as there is room for; empty if the file is not there, is empty, or could not be read.</returns>
    public ReadOnlySpan<byte> Read(Span<byte> buffer)
    {
        try
        {
            if (_handle is null)
            {
                Exists = File.Exists(path);
                _handle = Exists ? File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete) : null;
            }

            return _handle is null ? default : buffer[..ReadAll(_handle, buffer)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            Dispose();
            return default;
        }
    }

    public void Dispose()
    {
        _handle?.Dispose();
        _handle = null;
    }

    /// <summary>The kernel may hand out less at a time than there is.</summary>
    private static int ReadAll(SafeFileHandle handle, Span<byte> buffer)
    {
        int length = RandomAccess.Read(handle, buffer, 0);
        while (length > 0 && length < buffer.Length && buffer[length - 1] != (byte)'\n')
        {
            int more = RandomAccess.Read(handle, buffer[length..], length);
            if (more == 0)
            {
                break;
            }

            length += more;
        }

        return length;
    }
}
