using System.Runtime.InteropServices;
using BoundedMemory.Monitor.Judging;

namespace BoundedMemory.Monitor.Watching;

/// <summary>The readings of a process, bounded however long it is watched: when there are too many, every second one goes, and from then on only every second, fourth... is kept. First, last, lowest and
/// highest are exact. Not thread-safe.</summary>
internal sealed class Series
{
    /// <summary>Readings that are kept: 16 KB.</summary>
    public const int Capacity = 1024;

    private readonly List<Reading> _readings = [];
    private long _stride = 1;

    /// <summary>How many there were.</summary>
    public long Count { get; private set; }

    public Reading First { get; private set; }

    public Reading Last { get; private set; }

    public long Least { get; private set; } = long.MaxValue;

    public long Most { get; private set; }

    /// <summary>Those that were kept, evenly spread over the time, in its order.</summary>
    public ReadOnlySpan<Reading> Readings => CollectionsMarshal.AsSpan(_readings);

    public void Add(Reading reading)
    {
        if (Count == 0)
        {
            First = reading;
        }

        if (Count % _stride == 0)
        {
            if (_readings.Count == Capacity)
            {
                Halve();
            }

            if (Count % _stride == 0)
            {
                _readings.Add(reading);
            }
        }

        Count++;
        Last = reading;
        Least = Math.Min(Least, reading.Bytes);
        Most = Math.Max(Most, reading.Bytes);
    }

    private void Halve()
    {
        for (int i = 0; i < Capacity / 2; i++)
        {
            _readings[i] = _readings[2 * i];
        }

        CollectionsMarshal.SetCount(_readings, Capacity / 2);
        _stride *= 2;
    }
}
