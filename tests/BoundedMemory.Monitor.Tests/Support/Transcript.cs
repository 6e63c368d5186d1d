using System.Text;

namespace BoundedMemory.Monitor.Tests.Support;

/// <summary>What the tool writes, to be read while it writes.</summary>
internal sealed class Transcript : TextWriter
{
    private readonly Lock _gate = new();
    private readonly StringBuilder _text = new();
    private int _flushes;

    public override Encoding Encoding => Encoding.UTF8;

    /// <summary>How often it was flushed: once for each look.</summary>
    public int Flushes => Volatile.Read(ref _flushes);

    public override void Write(char value)
    {
        lock (_gate)
        {
            _text.Append(value);
        }
    }

    public override void Write(string? value)
    {
        lock (_gate)
        {
            _text.Append(value);
        }
    }

    public override void Flush() => Interlocked.Increment(ref _flushes);

    public override string ToString()
    {
        lock (_gate)
        {
            return _text.ToString();
        }
    }
}
