using System.Runtime.CompilerServices;
using System.Text.Json;

namespace BoundedMemory;

/// <content>Reading.</content>
public sealed partial class JsonLinesArchive<T>
{
    /// <summary>Reads all items there are when the enumeration begins, oldest first, from the disk as they are asked for. Files that are deleted meanwhile
    /// are passed over.</summary>
    /// <exception cref="IOException">Reading failed.</exception>
    /// <exception cref="UnauthorizedAccessException">Reading is not permitted.</exception>
    public IEnumerable<T> Read()
    {
        foreach (ArchiveFile file in Files())
        {
            if (TryOpen(file) is not { } stream)
            {
                continue;
            }

            using (stream)
            {
                var reader = new JsonLinesReader();
                for (long left = file.Length; left > 0;)
                {
                    Memory<byte> free = reader.Free;
                    int read = stream.Read(free.Span[..(int)Math.Min(free.Length, left)]);
                    left = read == 0 ? 0 : left - read;
                    reader.Filled(read);
                    while (reader.TryTake(out ReadOnlyMemory<byte> line))
                    {
                        if (TryParse(line.Span, out T item))
                        {
                            yield return item;
                        }
                    }
                }

                CountRest(reader);
            }
        }
    }

    /// <summary>As <see cref="Read"/>, without blocking a thread.</summary>
    /// <param name="cancellationToken">Ends the enumeration.</param>
    /// <exception cref="IOException">Reading failed.</exception>
    /// <exception cref="UnauthorizedAccessException">Reading is not permitted.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was signalled.</exception>
    public async IAsyncEnumerable<T> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        foreach (ArchiveFile file in Files())
        {
            if (TryOpen(file) is not { } stream)
            {
                continue;
            }

            await using (stream.ConfigureAwait(false))
            {
                var reader = new JsonLinesReader();
                for (long left = file.Length; left > 0;)
                {
                    Memory<byte> free = reader.Free;
                    int read = await stream.ReadAsync(free[..(int)Math.Min(free.Length, left)], cancellationToken).ConfigureAwait(false);
                    left = read == 0 ? 0 : left - read;
                    reader.Filled(read);
                    while (reader.TryTake(out ReadOnlyMemory<byte> line))
                    {
                        if (TryParse(line.Span, out T item))
                        {
                            yield return item;
                        }
                    }
                }

                CountRest(reader);
            }
        }
    }

    private bool TryParse(ReadOnlySpan<byte> line, out T item)
    {
        try
        {
            item = JsonSerializer.Deserialize(line, _typeInfo)!;
            return true;
        }
        catch (JsonException)
        {
            Interlocked.Increment(ref _unreadableLines);
            item = default!;
            return false;
        }
    }

    private void CountRest(JsonLinesReader reader)
    {
        if (reader.HasRest)
        {
            Interlocked.Increment(ref _tornLines);
        }
    }

    private List<ArchiveFile> Files()
    {
        lock (_gate)
        {
            return _files.List();
        }
    }

    private static FileStream? TryOpen(ArchiveFile file)
    {
        try
        {
            return new FileStream(file.Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0, FileOptions.SequentialScan);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }
}
