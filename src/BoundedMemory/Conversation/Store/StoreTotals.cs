using System.Runtime.CompilerServices;

namespace BoundedMemory;

/// <summary>What windows count and a store adds up.</summary>
internal enum Flow
{
    Appended,
    Evicted,
    Oversize,
    Incomplete,
    Trimmed,
    Cleared,
    Emptied,
    Truncated,
    TooLarge,
    OverBudget,
    SizeUnknown,
    Orphans,
    CallbackFailures,

    /// <summary>A level, not a count: messages held.</summary>
    Held,
}

/// <summary>How much of what a window has counted is in the totals of its store already; modulo 2^32, which is enough for a difference.</summary>
[InlineArray((int)Flow.Held + 1)]
internal struct FlowMarks
{
    private uint _first;
}

/// <summary>What all conversations of a store have counted, those included that have left. Thread-safe.</summary>
internal sealed class StoreTotals
{
    private readonly long[] _flows = new long[(int)Flow.Held + 1];
    private long _loaded;
    private long _left;
    private long _lost;
    private long _backlogged;
    private long _closed;
    private long _leases;
    private long _unsaved;

    public long Loaded => Volatile.Read(in _loaded);

    public long Left => Volatile.Read(in _left);

    public long Lost => Volatile.Read(in _lost);

    public long Backlogged => Volatile.Read(in _backlogged);

    public long Closed => Volatile.Read(in _closed);

    public long Leases => Volatile.Read(in _leases);

    /// <summary>Conversations with unsaved messages.</summary>
    public long Unsaved => Volatile.Read(in _unsaved);

    public long this[Flow flow] => Volatile.Read(in _flows[(int)flow]);

    /// <summary>Adds what a window has counted since the last time.</summary>
    /// <returns>Whether messages have left it or lost their content.</returns>
    public bool Add(in ConversationWindowStatistics window, ref FlowMarks marks)
    {
        uint dropped = 0;
        Span<uint> now = stackalloc uint[(int)Flow.Held + 1];
        Read(window, now);
        for (int i = 0; i < now.Length; i++)
        {
            uint difference = now[i] - marks[i];
            if (difference != 0)
            {
                marks[i] = now[i];
                Interlocked.Add(ref _flows[i], (int)difference);
                dropped |= i is >= (int)Flow.Evicted and <= (int)Flow.Emptied ? difference : 0;
            }
        }

        return dropped != 0;
    }

    /// <summary>Adds a window that has just been filled from a source; what it counted meanwhile does not count, but for what it refused.</summary>
    public void AddLoaded(in ConversationWindowStatistics window, out FlowMarks marks)
    {
        marks = default;
        Read(window, marks);
        marks[(int)Flow.TooLarge] = 0;
        marks[(int)Flow.SizeUnknown] = 0;
        Interlocked.Add(ref _loaded, window.Count);
        Interlocked.Add(ref _flows[(int)Flow.Held], window.Count);
    }

    /// <summary>A conversation has left with the messages it held.</summary>
    public void AddLeft(long messages)
    {
        Interlocked.Add(ref _flows[(int)Flow.Held], -messages);
        Interlocked.Add(ref _left, messages);
    }

    public void AddLost(long messages) => Interlocked.Add(ref _lost, messages);

    public void CountBacklogged() => Interlocked.Increment(ref _backlogged);

    public void CountClosed() => Interlocked.Increment(ref _closed);

    public void LeaseBegan() => Interlocked.Increment(ref _leases);

    public void LeaseEnded() => Interlocked.Decrement(ref _leases);

    public void BecameUnsaved() => Interlocked.Increment(ref _unsaved);

    public void BecameSaved() => Interlocked.Decrement(ref _unsaved);

    private static void Read(in ConversationWindowStatistics window, Span<uint> flows)
    {
        flows[(int)Flow.Appended] = (uint)window.Appended;
        flows[(int)Flow.Evicted] = (uint)window.Evicted;
        flows[(int)Flow.Oversize] = (uint)window.Oversize;
        flows[(int)Flow.Incomplete] = (uint)window.Incomplete;
        flows[(int)Flow.Trimmed] = (uint)window.Trimmed;
        flows[(int)Flow.Cleared] = (uint)window.Cleared;
        flows[(int)Flow.Emptied] = (uint)window.Emptied;
        flows[(int)Flow.Truncated] = (uint)window.Truncated;
        flows[(int)Flow.TooLarge] = (uint)window.RejectedTooLarge;
        flows[(int)Flow.OverBudget] = (uint)window.RejectedOverBudget;
        flows[(int)Flow.SizeUnknown] = (uint)window.RejectedSizeUnknown;
        flows[(int)Flow.Orphans] = (uint)window.RejectedOrphans;
        flows[(int)Flow.CallbackFailures] = (uint)window.CallbackFailures;
        flows[(int)Flow.Held] = (uint)window.Count;
    }
}
