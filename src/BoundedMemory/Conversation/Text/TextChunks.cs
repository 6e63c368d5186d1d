namespace BoundedMemory;

/// <summary>A piece of a text, and the one after it.</summary>
internal sealed class TextChunk(int length)
{
    private static readonly long ObjectBytes = HeapLayout.InstanceBytes(static () => new TextChunk(0)) - (HeapLayout.IsKnown ? 0 : HeapLayout.ArrayBytes<char>(0));

    public readonly char[] Chars = new char[length];

    public TextChunk? Next;

    public static long BytesOf(int length) => ObjectBytes + HeapLayout.ArrayBytes<char>(length);
}

/// <summary>A text that grows at its end without being copied, and can be shortened at its beginning.</summary>
/// <remarks>Every chunk but the last is full.</remarks>
internal struct TextChunks
{
    /// <summary>Lengths of chunks: multiples of the least one, so that all sums of them are, too.</summary>
    public const int LeastChunk = 64;

    public const int MostChunk = 1024;

    private TextChunk? _first;

    private TextChunk? _last;

    /// <summary>Chars of the last chunk that are in use.</summary>
    private int _used;

    /// <summary>Chars there are.</summary>
    public long Length { get; private set; }

    /// <summary>Chars there are chunks for.</summary>
    public long Capacity { get; private set; }

    /// <summary>Chars of the largest chunk there ever was.</summary>
    public int Largest { get; private set; }

    /// <summary>What the chunks retain.</summary>
    public long Bytes { get; private set; }

    /// <summary>Chars for which the last chunk has room.</summary>
    public readonly int Free => _last is null ? 0 : _last.Chars.Length - _used;

    /// <summary>The first chunk if it is not the last one, which alone may not be full.</summary>
    public readonly TextChunk? FirstFull => _first == _last ? null : _first;

    /// <summary>How long the next chunk is: as long as all before it, within limits and if so much is wanted.</summary>
    public static int NextChunk(long capacity, long wanted)
    {
        long length = Math.Clamp(capacity, LeastChunk, MostChunk);
        return (int)Math.Min(length, (Math.Max(1, wanted - capacity) + LeastChunk - 1) / LeastChunk * LeastChunk);
    }

    /// <summary>Appends as much as there is room for in the last chunk.</summary>
    /// <returns>Chars appended.</returns>
    public int Write(ReadOnlySpan<char> text)
    {
        int written = Math.Min(Free, text.Length);
        if (written > 0)
        {
            text[..written].CopyTo(_last!.Chars.AsSpan(_used));
            _used += written;
            Length += written;
        }

        return written;
    }

    /// <summary>Adds a chunk behind a last one that is full.</summary>
    public void Add(TextChunk chunk)
    {
        if (_last is null)
        {
            _first = chunk;
        }
        else
        {
            _last.Next = chunk;
        }

        _last = chunk;
        _used = 0;
        Capacity += chunk.Chars.Length;
        Largest = Math.Max(Largest, chunk.Chars.Length);
        Bytes += TextChunk.BytesOf(chunk.Chars.Length);
    }

    /// <summary>Takes <see cref="FirstFull"/> off.</summary>
    public TextChunk RemoveFirst()
    {
        TextChunk first = _first!;
        _first = first.Next;
        first.Next = null;
        Length -= first.Chars.Length;
        Capacity -= first.Chars.Length;
        Bytes -= TextChunk.BytesOf(first.Chars.Length);
        return first;
    }

    /// <summary>Moves chunks to a list of their own, but for those that hold the first so many chars.</summary>
    public TextChunks SplitAfter(long length)
    {
        TextChunks rest = this;
        this = default;
        while (Length < length && rest._first is { } first)
        {
            int chars = first == rest._last ? rest._used : first.Chars.Length;
            rest._first = first.Next;
            rest.Length -= chars;
            rest.Capacity -= first.Chars.Length;
            rest.Bytes -= TextChunk.BytesOf(first.Chars.Length);
            first.Next = null;
            Add(first);
            _used = chars;
            Length += chars;
        }

        if (rest._first is null)
        {
            rest = default;
        }

        return rest;
    }

    public readonly void CopyTo(Span<char> destination)
    {
        for (TextChunk? chunk = _first; chunk is not null; chunk = chunk.Next)
        {
            ReadOnlySpan<char> text = chunk.Chars.AsSpan(0, chunk == _last ? _used : chunk.Chars.Length);
            text.CopyTo(destination);
            destination = destination[text.Length..];
        }
    }

    /// <summary>Tells a cluster about all of the text.</summary>
    public readonly void PassTo(ref OpenCluster cluster)
    {
        for (TextChunk? chunk = _first; chunk is not null; chunk = chunk.Next)
        {
            cluster.Pass(chunk.Chars.AsSpan(0, chunk == _last ? _used : chunk.Chars.Length));
        }
    }
}
