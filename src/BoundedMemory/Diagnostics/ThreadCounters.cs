using System.Numerics;
using System.Runtime.CompilerServices;

namespace BoundedMemory;

/// <summary>A few counters that many threads increment at once: exact, and without an interlocked operation for most of them.</summary>
/// <remarks>Each of the first <c>n</c> threads of the process owns a cell and increments it plainly; a thread beyond them shares a second set of
/// counters in one of the cells, interlocked. A sum is exact once the counted operations happened before it.</remarks>
internal readonly struct ThreadCounters
{
    /// <summary>Counters a cell can have.</summary>
    public const int Counters = 2;

    /// <summary>128 bytes a cell: two threads never write to one cache line, wherever the array begins.</summary>
    private const int Stride = 16;

    /// <summary>Cells of <see cref="Counters"/> owned counters, then as many shared ones.</summary>
    private readonly long[] _cells;

    public ThreadCounters(int cells)
    {
        _cells = new long[cells * Stride];
    }

    /// <summary>Bytes of the counters of that many cells.</summary>
    public static long BytesOf(int cells) => HeapLayout.ArrayBytes<long>((long)cells * Stride);

    /// <summary>A cell for each thread that such a machine can run at once, four times over, because a pool has more threads than run.</summary>
    public static int DefaultCells => (int)BitOperations.RoundUpToPowerOf2((uint)Math.Clamp(4 * Environment.ProcessorCount, 8, 128));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Increment(int counter)
    {
        long[] cells = _cells;
        uint index = (uint)((ThreadSlot.CurrentOrNone * Stride) + counter);
        if (index < (uint)cells.Length)
        {
            cells[index]++;
        }
        else
        {
            IncrementShared(cells, counter);
        }
    }

    public long Sum(int counter)
    {
        long sum = 0;
        for (int cell = 0; cell < _cells.Length; cell += Stride)
        {
            sum += Volatile.Read(ref _cells[cell + counter]) + Volatile.Read(ref _cells[cell + Counters + counter]);
        }

        return sum;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void IncrementShared(long[] cells, int counter)
    {
        int slot = ThreadSlot.Current;
        int index = slot * Stride;
        if (index < cells.Length)
        {
            cells[index + counter]++;
        }
        else
        {
            Interlocked.Increment(ref cells[((slot * Stride) & (cells.Length - 1)) + Counters + counter]);
        }
    }
}
