using System.Diagnostics;

namespace BoundedMemory;

/// <summary>A text that arrives in pieces: all of it, or from some moment on no more than its truncation is made of. Not thread-safe.</summary>
/// <remarks>
/// <para>However it is cut in pieces, also inside of surrogate pairs and clusters, and whenever it becomes bounded: the result is that of <see cref="TextTruncator.Truncate"/> for the
/// whole. Bounded, it keeps a beginning, as long as the truncator may look at, and an end; of what was between them it knows in which state of a grapheme cluster it stops
/// (<see cref="OpenCluster"/>), so that clusters of the end are found as in the whole.</para>
/// <para>Who pays asks first: <see cref="BytesToAppend"/>, <see cref="BytesToFinish"/>. Becoming bounded only gives memory back. Nothing is copied when it grows.</para>
/// </remarks>
[DebuggerDisplay("{Length} chars, {Bytes} bytes, bounded: {IsBounded}")]
internal sealed class StreamedText
{
    /// <summary>What stands between beginning and end where something is missing: no cluster goes across it.</summary>
    private const char Gap = '\n';

    /// <summary>Beyond what a truncation may keep: a rune, that tells whether a cluster stops before it.</summary>
    private const int LookAhead = 2;

    private TextTruncation _truncation;

    /// <summary>All of the text, or its beginning.</summary>
    private TextChunks _start;

    /// <summary>What arrived last, after the beginning had all it needs.</summary>
    private TextChunks _end;

    /// <summary>Chars of the beginning, and of the end, that are needed.</summary>
    private long _startNeeded = long.MaxValue;

    private long _endNeeded;

    /// <summary>State before the end, once something between is missing.</summary>
    private OpenCluster _open;

    /// <summary>Chars that have arrived.</summary>
    public long Length { get; private set; }

    /// <summary>Whether it keeps only what its truncation is made of.</summary>
    public bool IsBounded { get; private set; }

    /// <summary>Whether everything that arrived is still there.</summary>
    public bool IsWhole { get; private set; } = true;

    /// <summary>Bytes of an empty text.</summary>
    public static long EmptyBytes { get; } = HeapLayout.InstanceBytes(static () => new StreamedText());

    /// <summary>Bytes retained: this object and everything it owns, arrays at their capacity. A multiple of 8.</summary>
    public long Bytes => EmptyBytes + _start.Bytes + _end.Bytes;

    /// <summary>Bytes that <see cref="ToString()"/> allocates, at most: the string it returns and, where it cuts, what it cuts it from.</summary>
    public long BytesToFinish => HeapLayout.StringBytes(LengthKept) + (IsBounded ? HeapLayout.StringBytes(Math.Min(TextLimit.Of(_truncation).Chars, LengthKept + _truncation.Marker.Length)) : 0);

    private long LengthKept => _start.Length + _end.Length + (IsWhole ? 0 : 1 + _open.Text.Length);

    /// <summary>The most bytes it retains if it is bounded, whatever arrives: some 4 for each char that the truncation may keep at one end, 8 if it keeps both ends, and 12 KB.</summary>
    public static long MostBytes(in TextTruncation truncation)
    {
        (long start, long end) = Needed(truncation);
        return EmptyBytes + Most(start, TextChunks.MostChunk) + Most(end, 2 * TextChunks.MostChunk);

        static long Most(long needed, int more)
        {
            long chars = needed == 0 ? 0 : needed + more;
            return chars == 0 ? 0 : (2 * chars) + ((8 + (chars / TextChunks.MostChunk)) * TextChunk.BytesOf(0));
        }
    }

    /// <summary>By how much <see cref="Bytes"/> grows if so many chars are appended: to be reserved before. Exact.</summary>
    /// <param name="chars">At least 0.</param>
    public long BytesToAppend(long chars)
    {
        long toStart = Math.Min(chars, Math.Max(0, _startNeeded - _start.Length));
        return Growth(_start, _startNeeded, false, toStart) + Growth(_end, _endNeeded, true, chars - toStart);
    }

    /// <summary>Appends a piece, also a part of a surrogate pair or of a cluster. Grows by <see cref="BytesToAppend"/>.</summary>
    public void Append(ReadOnlySpan<char> text)
    {
        Length += text.Length;
        int toStart = (int)Math.Min(text.Length, Math.Max(0, _startNeeded - _start.Length));
        for (ReadOnlySpan<char> part = text[..toStart]; !part.IsEmpty;)
        {
            if (_start.Free == 0)
            {
                _start.Add(new TextChunk(TextChunks.NextChunk(_start.Capacity, _startNeeded)));
            }

            part = part[_start.Write(part)..];
        }

        text = text[toStart..];
        if (_endNeeded == 0)
        {
            IsWhole &= text.IsEmpty;
            return;
        }

        while (!text.IsEmpty)
        {
            if (_end.Free == 0)
            {
                long wanted = _endNeeded + _end.Largest;
                _end.Add(_end.Capacity < wanted ? new TextChunk(TextChunks.NextChunk(_end.Capacity, wanted)) : DropFirst());
            }

            text = text[_end.Write(text)..];
        }
    }

    /// <summary>Keeps from now on no more than what the truncation is made of; gives back the rest at once, allocates nothing. Once only.</summary>
    /// <param name="truncation">It is valid.</param>
    public void Bound(in TextTruncation truncation)
    {
        if (IsBounded)
        {
            throw new InvalidOperationException("The text is bounded already.");
        }

        IsBounded = true;
        _truncation = truncation;
        (_startNeeded, _endNeeded) = Needed(truncation);
        _end = _start.SplitAfter(_startNeeded);
        if (_endNeeded == 0)
        {
            IsWhole = _end.Length == 0;
            _end = default;
        }

        while (_end.FirstFull is { } first && _end.Length - first.Chars.Length >= _endNeeded)
        {
            DropFirst();
        }
    }

    /// <summary>All of the text; if it is bounded, what <see cref="TextTruncator.Truncate"/> makes of all of it.</summary>
    public override string ToString() => ToString(out _);

    /// <summary>As <see cref="ToString()"/>, and says whether that is another text than the one that arrived.</summary>
    public string ToString(out bool isCut)
    {
        string kept = string.Create(checked((int)LengthKept), this, static (destination, text) =>
        {
            text._start.CopyTo(destination);
            destination = destination[(int)text._start.Length..];
            if (!text.IsWhole)
            {
                destination[0] = Gap;
                text._open.Text.CopyTo(destination[1..]);
                destination = destination[(1 + text._open.Text.Length)..];
            }

            text._end.CopyTo(destination);
        });
        string text = IsBounded ? TextTruncator.Truncate(kept, _truncation) : kept;
        isCut = !IsWhole || !ReferenceEquals(text, kept);
        return text;
    }

    private static (long Start, long End) Needed(in TextTruncation truncation)
    {
        long needed = TextLimit.Of(truncation).Chars + LookAhead;
        return (truncation.Position == TruncationPosition.Start ? 0 : needed, truncation.Position == TruncationPosition.End ? 0 : needed);
    }

    /// <summary>Takes the oldest chunk off the end, which goes on without it.</summary>
    private TextChunk DropFirst()
    {
        if (IsWhole)
        {
            _start.PassTo(ref _open);
            IsWhole = false;
        }

        TextChunk first = _end.RemoveFirst();
        _open.Pass(first.Chars);
        return first;
    }

    /// <summary>What the chunks that <see cref="Append"/> would add retain.</summary>
    private static long Growth(in TextChunks chunks, long needed, bool isEnd, long chars)
    {
        long bytes = 0;
        (long free, long capacity, int largest) = (chunks.Free, chunks.Capacity, chunks.Largest);
        while (free < chars)
        {
            long wanted = isEnd && needed > 0 ? needed + largest : needed;
            if (capacity >= wanted)
            {
                break;
            }

            int next = TextChunks.NextChunk(capacity, wanted);
            bytes += TextChunk.BytesOf(next);
            (free, capacity, largest) = (free + next, capacity + next, Math.Max(largest, next));
        }

        return bytes;
    }
}
