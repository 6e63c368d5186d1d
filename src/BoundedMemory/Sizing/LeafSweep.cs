using System.Runtime.CompilerServices;

namespace BoundedMemory;

/// <summary>Sums long arrays of leaves (strings, arrays of numbers, sealed classes without references) instead of visiting them.</summary>
/// <remarks>Errs only upwards: an element that occurs repeatedly is counted repeatedly, unless it came by shortly before.</remarks>
internal static unsafe class LeafSweep
{
    /// <summary>Shorter arrays are walked, exactly.</summary>
    public const int FromLength = 32;

    /// <summary>Length of the memory for elements that came by shortly before: 32 sets of four.</summary>
    public const int RecentSlots = 128;

    private const int Ways = 4;

    /// <summary>From here on it pays to look for repeated elements: columns of a table have few distinct texts.</summary>
    private const int RememberFromLength = 1024;

    /// <summary>Whether an array is summed and not walked.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Applies(object o, TypeShape shape) => shape.HasLeafElements && HeapLayout.LengthOf(o) >= FromLength;

    /// <summary>Bytes of an array and its elements.</summary>
    /// <param name="array">An array of any rank.</param>
    /// <param name="type">Its type.</param>
    /// <param name="recent">Scratch of <see cref="RecentSlots"/>; empty before and after.</param>
    /// <param name="elements">Elements counted.</param>
    public static long Bytes(object array, MethodTable* type, object?[] recent, out long elements)
    {
        uint length = HeapLayout.LengthOf(array);
        ref object? first = ref HeapLayout.SlotAt(array, HeapLayout.ElementsAt(type));
        long bytes = length < RememberFromLength ? Sum(ref first, length, out elements) : SumRemembering(ref first, length, recent, out elements);
        return bytes + HeapLayout.SizeOf(array, type);
    }

    private static long Sum(ref object? element, nuint length, out long elements)
    {
        long bytes = 0;
        long counted = 0;
        for (nuint i = 0; i < length; i++)
        {
            if (Unsafe.Add(ref element, i) is { } leaf)
            {
                bytes += HeapLayout.SizeOf(leaf, HeapLayout.TypeOf(leaf));
                counted++;
            }
        }

        elements = counted;
        return bytes;
    }

    private static long SumRemembering(ref object? element, nuint length, object?[] recent, out long elements)
    {
        long bytes = 0;
        long counted = 0;
        uint misses = 0;
        for (nuint i = 0; i < length; i++)
        {
            if (Unsafe.Add(ref element, i) is not { } leaf)
                continue;

            // Real references, found by where the object is: a collection in between can only make it look new.
            int set = (int)(((ulong)HeapLayout.AddressOf(leaf) * 0x9E37_79B9_7F4A_7C15) >> (64 - 5)) * Ways;
            if (ReferenceEquals(recent[set], leaf) || ReferenceEquals(recent[set + 1], leaf)
                || ReferenceEquals(recent[set + 2], leaf) || ReferenceEquals(recent[set + 3], leaf))
            {
                continue;
            }

            recent[set + (int)(misses++ % Ways)] = leaf;
            if (HeapLayout.IsFrozen(leaf))
                continue;
            bytes += HeapLayout.SizeOf(leaf, HeapLayout.TypeOf(leaf));
            counted++;
        }

        Array.Clear(recent);
        elements = counted;
        return bytes;
    }
}
