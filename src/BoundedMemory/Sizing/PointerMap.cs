using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace BoundedMemory;

/// <summary>Is shown the references of an object, one after the other.</summary>
internal interface IReferenceVisitor
{
    /// <summary>Sees one reference that is not null, found at an offset from the object's start.</summary>
    /// <returns>False to see no more.</returns>
    bool Visit(object child, nint offset);
}

/// <summary>
/// Finds the references inside objects with the map the garbage collector itself uses (GCDesc, gcdesc.h in dotnet/runtime): the words just
/// before each type descriptor, read downwards.
/// </summary>
/// <remarks>
/// <para>The first word is the number of series. If positive, each series is a run of references: (length - object size, offset). If
/// negative, the object is an array of structs with references: an offset, then -number pairs of (references, bytes to skip) that repeat for every
/// element.</para>
/// <para>Reads are aligned and word-sized and lengths never change, so another thread that changes the object meanwhile is harmless: the visitor
/// sees some reference that was there.</para>
/// </remarks>
internal static unsafe class PointerMap
{
    /// <summary>Shows every reference of an object.</summary>
    public static void Visit<TVisitor>(object o, MethodTable* type, ref TVisitor visitor)
        where TVisitor : struct, IReferenceVisitor
    {
        Debug.Assert(type->HasReferences);
        if (type->HasLength)
            VisitElements(o, type, 0, LengthOf(o), ref visitor);
        else
            VisitFields(o, type, ref visitor);
    }

    /// <summary>Shows the references of an object that is not an array.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void VisitFields<TVisitor>(object o, MethodTable* type, ref TVisitor visitor)
        where TVisitor : struct, IReferenceVisitor
    {
        nint count = SeriesCount(type);
        Series* series = FirstSeries(type);
        Debug.Assert(count > 0);
        do
        {
            nint end = series->Offset + series->LengthLessSize + (nint)type->BaseSize;
            for (nint offset = series->Offset; offset < end; offset += sizeof(nint))
            {
                object? child = HeapLayout.SlotAt(o, offset);
                if (child is not null && !visitor.Visit(child, offset))
                    return;
            }

            series--;
        }
        while (--count > 0);
    }

    /// <summary>Shows the references in a range of an array's elements; the array may have any rank.</summary>
    public static void VisitElements<TVisitor>(object array, MethodTable* type, nint from, nint to, ref TVisitor visitor)
        where TVisitor : struct, IReferenceVisitor
    {
        nint count = SeriesCount(type);
        nint elementSize = type->ComponentSize;
        if (count > 0)
        {
            // An array of references: one series that is the whole array.
            nint elements = HeapLayout.ElementsAt(type);
            for (nint offset = elements + (from * elementSize), end = elements + (to * elementSize); offset < end; offset += sizeof(nint))
            {
                object? child = HeapLayout.SlotAt(array, offset);
                if (child is not null && !visitor.Visit(child, offset))
                    return;
            }

            return;
        }

        Series* last = FirstSeries(type);
        Run* runs = (Run*)last;
        for (nint i = from; i < to; i++)
        {
            nint offset = last->Offset + (i * elementSize);
            for (nint r = 0; r > count; r--)
            {
                for (uint n = runs[r].References; n > 0; n--, offset += sizeof(nint))
                {
                    object? child = HeapLayout.SlotAt(array, offset);
                    if (child is not null && !visitor.Visit(child, offset))
                        return;
                }

                offset += (nint)runs[r].BytesToSkip;
            }
        }
    }

    /// <summary>The offsets of all reference slots of an instance of a type that is not an array; null if there are more than <paramref name="limit"/>.</summary>
    public static int[]? SlotsOf(MethodTable* type, int limit)
    {
        Debug.Assert(type->HasReferences && !type->HasLength);
        var slots = new List<int>();
        nint count = SeriesCount(type);
        for (Series* series = FirstSeries(type); count > 0; count--, series--)
        {
            nint end = series->Offset + series->LengthLessSize + (nint)type->BaseSize;
            for (nint offset = series->Offset; offset < end; offset += sizeof(nint))
            {
                if (slots.Count == limit)
                    return null;
                slots.Add((int)offset);
            }
        }

        return [.. slots];
    }

    /// <summary>Whether the words before a descriptor could be a map at all; asked by the self-test before it follows one.</summary>
    public static bool IsPlausible(object o, MethodTable* type, int greatestCount)
    {
        nint count = SeriesCount(type);
        nint size = (nint)HeapLayout.SizeOf(o, type);
        Series* series = FirstSeries(type);
        if (count == 0 || count > greatestCount || count < -greatestCount)
            return false;
        if (count < 0)
        {
            long perElement = 0;
            for (nint r = 0; r > count; r--)
                perElement += (((Run*)series)[r].References * (long)sizeof(nint)) + ((Run*)series)[r].BytesToSkip;
            return type->HasLength && perElement == type->ComponentSize && series->Offset >= sizeof(nint) && series->Offset < size;
        }

        for (; count > 0; count--, series--)
        {
            nint length = series->LengthLessSize + size;
            if (series->Offset < sizeof(nint) || length <= 0 || length % sizeof(nint) != 0 || series->Offset + length > size - sizeof(nint))
                return false;
        }

        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static nint LengthOf(object array) => (nint)HeapLayout.LengthOf(array);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static nint SeriesCount(MethodTable* type) => ((nint*)type)[-1];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Series* FirstSeries(MethodTable* type) => (Series*)((nint*)type - 1) - 1;

    /// <summary>A run of references; the next one lies below it in memory.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private readonly struct Series
    {
        /// <summary>Bytes of the run, less the size of the object: so arrays of every length share one map.</summary>
        public readonly nint LengthLessSize;

        /// <summary>Where the run begins, from the object's start.</summary>
        public readonly nint Offset;
    }

    /// <summary>A part of the repeating pattern of an array of structs; takes the place of <see cref="Series.LengthLessSize"/>, the next one lies below.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private readonly struct Run
    {
        public readonly uint References;
        public readonly uint BytesToSkip;
    }
}
