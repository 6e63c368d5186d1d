using Microsoft.Win32.SafeHandles;

namespace BoundedMemory;

/// <summary>Cuts a file into its lines. A line is what ends with a line feed: what comes after the last one was never finished, whatever it looks
/// like.</summary>
internal sealed class JsonLinesReader
{
    private const byte LineFeed = (byte)'\n';
    private const int ChunkLength = 16 * 1024;

    private byte[] _buffer = new byte[ChunkLength];

    /// <summary>Where the next line begins.</summary>
    private int _start;

    /// <summary>So far lines have been looked for.</summary>
    private int _searched;

    private int _end;

    /// <summary>Where the bytes that come next in the file go.</summary>
    public Memory<byte> Free
    {
        get
        {
            if (_start > 0)
            {
                _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
                _end -= _start;
                _searched -= _start;
                _start = 0;
            }

            if (_end == _buffer.Length)
            {
                Array.Resize(ref _buffer, 2 * _buffer.Length);
            }

            return _buffer.AsMemory(_end);
        }
    }

    /// <summary>There are bytes after the last line.</summary>
    public bool HasRest => _end > _start;

    public void Filled(int bytes) => _end += bytes;

    /// <summary>The next line, without its end; false if more bytes are needed. Valid until <see cref="Free"/> is asked for.</summary>
    public bool TryTake(out ReadOnlyMemory<byte> line)
    {
        int at = _buffer.AsSpan(_searched, _end - _searched).IndexOf(LineFeed);
        if (at < 0)
        {
            _searched = _end;
            line = default;
            return false;
        }

        line = _buffer.AsMemory(_start, _searched + at - _start);
        _searched += at + 1;
        _start = _searched;
        return true;
    }

    /// <summary>The length of a file up to the end of its last complete line.</summary>
    public static long EndOfLastLine(SafeFileHandle file, long length)
    {
        byte[] chunk = new byte[ChunkLength];
        for (long end = length; end > 0;)
        {
            int wanted = (int)Math.Min(chunk.Length, end);
            int read = RandomAccess.Read(file, chunk.AsSpan(0, wanted), end - wanted);
            int at = chunk.AsSpan(0, read).LastIndexOf(LineFeed);
            if (at >= 0)
            {
                return end - wanted + at + 1;
            }

            end -= wanted;
        }

        return 0;
    }
}
