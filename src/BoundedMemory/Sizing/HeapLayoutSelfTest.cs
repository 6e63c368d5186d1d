using System.Runtime.CompilerServices;

namespace BoundedMemory;

/// <summary>
/// Decides, before the first measurement, whether the runtime lays out objects and pointer maps as <see cref="HeapLayout"/> and
/// <see cref="PointerMap"/> read them: sizes against the thread's allocation counter, maps against objects with known fields.
/// </summary>
internal static unsafe class HeapLayoutSelfTest
{
    /// <summary>Set to false to measure without pointer maps, as on a runtime whose layout is not known.</summary>
    internal const string Switch = "BoundedMemory.Sizing.UsePointerMaps";

    /// <summary>A counter reading can be disturbed (types load, the compiler allocates); the layout is right if one try in so many agrees.</summary>
    private const int Tries = 8;

    /// <summary>More series than any probe below can have.</summary>
    private const int GreatestSeriesCount = 8;

    /// <summary>Keeps each probe reachable, so that the compiler cannot place it on the stack.</summary>
    private static volatile object? _escaped;

    public static bool Passes()
    {
        if (AppContext.TryGetSwitch(Switch, out bool isOn) && !isOn)
            return false;
        if (sizeof(nint) != 8 || !BitConverter.IsLittleEndian)
            return false;
        try
        {
            // Sizes first: they read only the first words of a descriptor. Maps are followed only where they are plausible.
            return SizesAgree() && MapsAgree();
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            return false;
        }
        finally
        {
            _escaped = null;
        }
    }

    private static bool SizesAgree() => SizeAgrees(0) && SizeAgrees(1) && SizeAgrees(2) && SizeAgrees(3) && SizeAgrees(4) && SizeAgrees(5) && SizeAgrees(6);

    private static bool SizeAgrees(int probe)
    {
        for (int i = 0; i < Tries; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            object o = Allocate(probe);
            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            _escaped = o;
            if (allocated == HeapLayout.SizeOf(o, HeapLayout.TypeOf(o)))
                return true;
        }

        return false;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static object Allocate(int probe) => probe switch
    {
        0 => new object(),
        1 => new Derived(),
        2 => new string('x', 5),
        3 => new byte[13],
        4 => new object[3],
        5 => new Mixed[3],
        _ => new int[2, 3],
    };

    private static bool MapsAgree()
    {
        object[] leaves = [new object(), new object(), new object(), new object(), new object(), new object()];
        object o = Allocate(1);
        var fields = (Derived)o;
        (fields.First, fields.Second, fields.Third, fields.Pair.X, fields.Pair.Y) = (leaves[0], leaves[1], leaves[2], leaves[3], leaves[4]);

        var references = (object[])Allocate(4);
        (references[0], references[2]) = (leaves[0], leaves[1]);

        var structs = (Mixed[])Allocate(5);
        (structs[0].X, structs[0].Y, structs[2].X, structs[2].Y) = (leaves[0], leaves[1], leaves[2], leaves[3]);

        return !HeapLayout.TypeOf(leaves[0])->HasReferences && !HeapLayout.TypeOf(Allocate(2))->HasReferences
            && !HeapLayout.TypeOf(Allocate(3))->HasReferences && !HeapLayout.TypeOf(Allocate(6))->HasReferences
            && Finds(fields, leaves, 5) && Finds(references, leaves, 2) && Finds(structs, leaves, 4)
            && HeapLayout.TypeOf(typeof(Derived)) == HeapLayout.TypeOf(fields)
            && HeapLayout.TypeOf(typeof(Mixed[])) == HeapLayout.TypeOf(structs);
    }

    /// <summary>Whether the map leads to each of the first <paramref name="count"/> objects exactly once and to nothing else.</summary>
    private static bool Finds(object o, object[] expected, int count)
    {
        MethodTable* type = HeapLayout.TypeOf(o);
        if (!type->HasReferences || !PointerMap.IsPlausible(o, type, GreatestSeriesCount))
            return false;
        var check = new Check(expected, count);
        PointerMap.Visit(o, type, ref check);
        return check.FoundAll;
    }

    private struct Check(object[] expected, int count) : IReferenceVisitor
    {
        private uint _found;
        private bool _foundOther;

        public readonly bool FoundAll => !_foundOther && _found == (1u << count) - 1;

        public bool Visit(object child, nint offset)
        {
            for (int i = 0; i < count; i++)
            {
                if (ReferenceEquals(child, expected[i]) && (_found & (1u << i)) == 0)
                {
                    _found |= 1u << i;
                    return true;
                }
            }

            _foundOther = true;
            return false;
        }
    }

#pragma warning disable CS0649, CS0169, IDE0044 // Fields that exist to take their place in the layout.
    private class Base
    {
        public object? First;
        private int _number;
        public object? Second;
    }

    private sealed class Derived : Base
    {
        private long _wide;
        public object? Third;
        public Mixed Pair;
    }

    private struct Mixed
    {
        private byte _small;
        public object? X;
        private long _wide;
        public object? Y;
    }
#pragma warning restore CS0649, CS0169, IDE0044
}
