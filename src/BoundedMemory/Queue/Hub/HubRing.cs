using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace BoundedMemory;

/// <summary>The newest messages, oldest first, in an array that wraps round: the ring of a hub, and the private queue of a subscriber. Every member is called
/// under the lock of the hub.</summary>
/// <remarks>Bytes are taken before anything is kept, and given back after it has gone. What a message that makes room gives up goes to the one it makes room for
/// without passing through the budget, so a full ring of equal messages touches no counter that others share.</remarks>
[DebuggerDisplay("{Count} of {MaxCount} messages, {MessageBytes} bytes")]
internal sealed class HubRing<T>
{
    private const int LeastCapacity = 16;

    private readonly ItemBytes<T> _bytes;

    /// <summary>Never empty. Slots without a message are clear: nothing is retained that has left.</summary>
    private Slot[] _slots;

    /// <summary>Index of the oldest message.</summary>
    private int _head;

    /// <summary>The caller has taken <see cref="LeastArrayBytes"/> for it.</summary>
    public HubRing(ItemBytes<T> bytes, int maxCount)
    {
        _bytes = bytes;
        MaxCount = maxCount;
        _slots = new Slot[LeastLength(maxCount)];
    }

    /// <summary>Written under the lock, also read without it.</summary>
    private int _count;

    public int Count => Volatile.Read(in _count);

    public int MaxCount { get; private set; }

    /// <summary>Bytes of the messages.</summary>
    public long MessageBytes { get; private set; }

    /// <summary>Bytes of the array.</summary>
    public long ArrayBytes => ArrayBytesOf(_slots.Length);

    private static bool HoldsReferences => RuntimeHelpers.IsReferenceOrContainsReferences<T>();

    public static long LeastArrayBytes(int maxCount) => ArrayBytesOf(LeastLength(maxCount));

    /// <summary>A message, counted from the oldest.</summary>
    public ref readonly Slot this[int index] => ref _slots[IndexOf(index)];

    /// <summary>The messages from an index on that lie side by side in the array, as many as there are or are wanted.</summary>
    public ReadOnlySpan<Slot> Run(int index, int most)
    {
        int at = IndexOf(index);
        return _slots.AsSpan(at, Math.Min(Math.Min(most, _count - index), _slots.Length - at));
    }

    /// <summary>Adds a message as the newest; the oldest make room. A refused one changes nothing.</summary>
    /// <param name="value">The message.</param>
    /// <param name="bytes">What it retains.</param>
    /// <param name="sequence">Its number.</param>
    /// <param name="evicted">How many made room.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public AddResult TryAdd(T value, long bytes, long sequence, out int evicted)
    {
        Slot[] slots = _slots;
        int head = _head;
        if (_count == slots.Length && _count == MaxCount && slots[head].Bytes == bytes)
        {
            // The newest takes the very place of the oldest.
            ref Slot slot = ref slots[head];
            slot.Value = value;
            slot.Sequence = sequence;
            _head = head + 1 == slots.Length ? 0 : head + 1;
            evicted = 1;
            return AddResult.Added;
        }

        return AddWhereRoomDiffers(value, bytes, sequence, out evicted);
    }

    /// <summary>Bytes of an array twice as long, if that is what it takes to add a message.</summary>
    public long BytesToGrow => _count == _slots.Length && _count < MaxCount ? ArrayBytesOf((int)Math.Min(MaxCount, 2L * _slots.Length)) : 0;

    private AddResult AddWhereRoomDiffers(T value, long bytes, long sequence, out int evicted)
    {
        evicted = 0;
        if (_count < MaxCount)
        {
            if (!_bytes.TryTake(bytes))
            {
                return AddByEviction(value, bytes, sequence, held: 0, out evicted);
            }

            if (_count < _slots.Length || TrySetCapacity((int)Math.Min(MaxCount, 2L * _slots.Length)))
            {
                Put(value, bytes, sequence);
                return AddResult.Added;
            }

            // No bytes for a larger array: the bound in bytes is what keeps the ring as long as it is.
            evicted = 1;
            long left = RemoveOldest();
            Put(value, bytes, sequence);
            _bytes.Return(left);
            return AddResult.Added;
        }

        long freed = _slots[_head].Bytes;
        if (freed < bytes && !_bytes.TryTake(bytes - freed))
        {
            return AddByEviction(value, bytes, sequence, held: 0, out evicted);
        }

        evicted = 1;
        RemoveOldest();
        Put(value, bytes, sequence);
        if (freed > bytes)
        {
            _bytes.Return(freed - bytes);
        }

        return AddResult.Added;
    }

    /// <summary>Removes the oldest message; its bytes are still taken.</summary>
    /// <returns>Its bytes.</returns>
    public long RemoveOldest()
    {
        ref Slot slot = ref _slots[_head];
        long bytes = slot.Bytes;
        if (HoldsReferences)
        {
            slot.Value = default!;
        }

        _head = _head + 1 == _slots.Length ? 0 : _head + 1;
        Volatile.Write(ref _count, _count - 1);
        MessageBytes -= bytes;
        return bytes;
    }

    /// <summary>Removes the oldest messages until so many bytes are given back or none is left, and what is then too much of the array.</summary>
    /// <param name="bytes">Bytes wanted.</param>
    /// <param name="atMost">More than this is not given: it ends before a message that would exceed it, and the array stays. <see cref="long.MaxValue"/>: no limit.</param>
    /// <param name="removed">How many messages were removed.</param>
    /// <returns>Bytes given back.</returns>
    public long Trim(long bytes, long atMost, out int removed)
    {
        removed = 0;
        long array = ArrayBytes;
        long freed = 0;
        while (freed < bytes && _count > 0 && _slots[_head].Bytes <= atMost - freed)
        {
            long left = RemoveOldest();
            _bytes.Return(left);
            freed += left;
            removed++;

            // Where messages weigh nothing it is the array that gives bytes back.
            if (atMost == long.MaxValue && _count <= _slots.Length / 4 && TryFit())
            {
                freed += array - ArrayBytes;
                array = ArrayBytes;
            }
        }

        return freed;
    }

    /// <summary>Removes the oldest messages until so many are left, and gives their bytes back.</summary>
    /// <returns>How many were removed.</returns>
    public int KeepNewest(int count)
    {
        int removed = Math.Max(0, _count - count);
        long bytes = 0;
        for (int i = 0; i < removed; i++)
        {
            bytes += RemoveOldest();
        }

        _bytes.Return(bytes);
        TryFit();
        return removed;
    }

    public void SetMaxCount(int maxCount)
    {
        Debug.Assert(_count <= maxCount);
        MaxCount = maxCount;
        TryFit();
    }

    /// <summary>Makes the array as small as what is in it allows, if there are bytes for the smaller one while both exist.</summary>
    public bool TryFit()
    {
        int length = Math.Max(LeastLength(MaxCount), _count);
        return length <= _slots.Length / 2 && TrySetCapacity(length);
    }

    /// <summary>Throws if what is counted is not what is there; for tests.</summary>
    /// <returns>Bytes it is charged with.</returns>
    public long Verify()
    {
        long bytes = 0;
        for (int i = 0; i < _slots.Length; i++)
        {
            bool isInUse = i < _count;
            ref Slot slot = ref _slots[IndexOf(i)];
            bytes += isInUse ? slot.Bytes : 0;
            if (!isInUse && HoldsReferences && !EqualityComparer<T>.Default.Equals(slot.Value, default))
            {
                throw new InvalidOperationException("Invariant broken: a slot without a message is clear.");
            }
        }

        return bytes == MessageBytes && _count <= MaxCount ? bytes + ArrayBytes
            : throw new InvalidOperationException($"Invariant broken: {_count} messages of {bytes} bytes, counted as {MessageBytes}.");
    }

    /// <summary>Adds a message as the newest, for which others have given something; that is used up or returned.</summary>
    public AddResult TryAdd(T value, long bytes, long sequence, in Advance advance, out int evicted)
    {
        // What is in hand for a longer array is free when that is made.
        long held = Math.Min(bytes, advance.Bytes);
        _bytes.Return(advance.Bytes - held);
        return AddByEviction(value, bytes, sequence, held, out evicted);
    }

    /// <summary>The bytes are short: makes sure that room can be made, then makes it.</summary>
    private AddResult AddByEviction(T value, long bytes, long sequence, long held, out int evicted)
    {
        evicted = 0;
        AddResult result = _bytes.TryPrepay(bytes - held, MessageBytes, out long prepaid);
        held += prepaid;
        if (result != AddResult.Added)
        {
            _bytes.Return(held);
            return result;
        }

        while (held < bytes && !_bytes.TryTake(bytes - held))
        {
            if (_count == 0)
            {
                // Others who share the budget took what was free a moment ago.
                _bytes.Return(held);
                return AddResult.OverBudget;
            }

            held += RemoveOldest();
            evicted++;
            if (held >= bytes)
            {
                _bytes.Return(held - bytes);
                held = bytes;
            }
        }

        if (_count == MaxCount || (_count == _slots.Length && !TrySetCapacity((int)Math.Min(MaxCount, 2L * _slots.Length))))
        {
            _bytes.Return(RemoveOldest());
            evicted++;
        }

        Put(value, bytes, sequence);
        if (_count <= _slots.Length / 8)
        {
            // Larger messages have come: what the array is too long for them is better used for messages.
            TryFit();
        }

        return AddResult.Added;
    }

    private void Put(T value, long bytes, long sequence)
    {
        ref Slot slot = ref _slots[IndexOf(_count)];
        slot.Value = value;
        slot.Bytes = bytes;
        slot.Sequence = sequence;
        MessageBytes += bytes;
        Volatile.Write(ref _count, _count + 1);
    }

    /// <summary>Moves to an array of another length, if there are bytes for it: both are charged while both exist.</summary>
    private bool TrySetCapacity(int length)
    {
        if (length < _count || length == _slots.Length || !_bytes.TryTake(ArrayBytesOf(length)))
        {
            return false;
        }

        var slots = new Slot[length];
        int first = Math.Min(_count, _slots.Length - _head);
        Array.Copy(_slots, _head, slots, 0, first);
        Array.Copy(_slots, 0, slots, first, _count - first);
        long former = ArrayBytes;
        _slots = slots;
        _head = 0;
        _bytes.Return(former);
        return true;
    }

    private static int LeastLength(int maxCount) => Math.Min(maxCount, LeastCapacity);

    private static long ArrayBytesOf(int length) => HeapLayout.ArrayBytes<Slot>(length);

    /// <summary>Index in the array of a message counted from the oldest.</summary>
    private int IndexOf(int index)
    {
        int at = _head + index;
        return at < 0 || at >= _slots.Length ? at - _slots.Length : at;
    }

    /// <summary>A place in the ring.</summary>
    internal struct Slot
    {
        public T Value;

        /// <summary>What the message is charged with.</summary>
        public long Bytes;

        /// <summary>The number of the message.</summary>
        public long Sequence;
    }
}
