using System.Collections;
using System.Collections.Concurrent;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text;

namespace BoundedMemory.Tests.Sizing;

/// <summary>The size of single objects against the allocator's own counter.</summary>
public unsafe class ShallowSizeTests
{
    private static readonly int[] LengthsOfOne = [5];
    private static readonly int[] LowerBoundsOfOne = [1];
    private static readonly int[] LengthsOfTwo = [2, 2];
    private static readonly int[] LowerBoundsOfTwo = [-1, 3];
    private static readonly string Text = new('t', 3);
    private static readonly Func<int> Five = () => 5;

    private static volatile object? _escaped;

    /// <summary>A number the compiler does not know, so that it cannot make the objects beforehand.</summary>
    private static int Zero { get; } = _escaped is null ? 0 : 1;

    public static TheoryData<string> Cases => [.. Factories.Keys];

    /// <summary>Each makes one object and allocates nothing else.</summary>
    private static readonly Dictionary<string, Func<object>> Factories = new()
    {
        ["object"] = () => new object(),
        ["string 1"] = () => new string('x', 1),
        ["string 2"] = () => new string('x', 2),
        ["string 3"] = () => new string('x', 3),
        ["string 4"] = () => new string('x', 4),
        ["string 5"] = () => new string('x', 5),
        ["string 1001"] = () => new string('x', 1001),
        ["string 50000"] = () => new string('x', 50_000),
        ["bool[1]"] = () => new bool[1],
        ["byte[0]"] = () => new byte[Zero],
        ["byte[1]"] = () => new byte[1],
        ["byte[7]"] = () => new byte[7],
        ["byte[8]"] = () => new byte[8],
        ["byte[9]"] = () => new byte[9],
        ["byte[100000]"] = () => new byte[100_000],
        ["char[3]"] = () => new char[3],
        ["short[5]"] = () => new short[5],
        ["int[1]"] = () => new int[1],
        ["int[2]"] = () => new int[2],
        ["long[3]"] = () => new long[3],
        ["float[5]"] = () => new float[5],
        ["double[3]"] = () => new double[3],
        ["double[1000]"] = () => new double[1000],
        ["double[20000]"] = () => new double[20_000],
        ["decimal[3]"] = () => new decimal[3],
        ["Guid[3]"] = () => new Guid[3],
        ["Int128[3]"] = () => new Int128[3],
        ["Half[3]"] = () => new Half[3],
        ["nint[3]"] = () => new nint[3],
        ["DateTime[3]"] = () => new DateTime[3],
        ["object[0]"] = () => new object[Zero],
        ["object[1]"] = () => new object[1],
        ["string[7]"] = () => new string[7],
        ["int[][]"] = () => new int[5][],
        ["int[2,3]"] = () => new int[2, 3],
        ["byte[3,3]"] = () => new byte[3, 3],
        ["byte[1,2,3]"] = () => new byte[1, 2, 3],
        ["object[2,2]"] = () => new object[2, 2],
        ["object[2,2,2,2]"] = () => new object[2, 2, 2, 2],
        ["int[*] from 1"] = () => Array.CreateInstanceFromArrayType(typeof(int).MakeArrayType(1), LengthsOfOne, LowerBoundsOfOne),
        ["long[2,2] from -1"] = () => Array.CreateInstance(typeof(long), LengthsOfTwo, LowerBoundsOfTwo),
        ["(int,string)[3]"] = () => new (int, string)[3],
        ["(byte,string)[3,2]"] = () => new (byte, string)[3, 2],
        ["KeyValuePair<string,decimal>[5]"] = () => new KeyValuePair<string, decimal>[5],
        ["Packed[3]"] = () => new Packed[3],
        ["Overlaid[3]"] = () => new Overlaid[3],
        ["Ten[3]"] = () => new Ten[3],
        ["TenTexts[3]"] = () => new TenTexts[3],
        ["Vector256<int>[3]"] = () => new Vector256<int>[3],
        ["Vector512<int>[3]"] = () => new Vector512<int>[3],
        ["Empty[3]"] = () => new Empty[3],
        ["bool?[3]"] = () => new bool?[3],
        ["boxed bool"] = () => Zero == 0,
        ["boxed byte"] = () => (byte)Zero,
        ["boxed int"] = () => Zero,
        ["boxed long"] = () => (long)Zero,
        ["boxed double"] = () => (double)Zero,
        ["boxed decimal"] = () => (decimal)Zero,
        ["boxed Guid"] = () => new Guid(Zero, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8),
        ["boxed Int128"] = () => (Int128)Zero,
        ["boxed UInt128"] = () => (UInt128)Zero,
        ["boxed Vector64"] = () => Vector64.Create(Zero),
        ["boxed Vector128"] = () => Vector128.Create(Zero),
        ["boxed Vector256"] = () => Vector256.Create(Zero),
        ["boxed Vector512"] = () => Vector512.Create(Zero),
        ["boxed Vector<int>"] = () => new Vector<int>(Zero),
        ["boxed Matrix4x4"] = () => Matrix4x4.Identity * Zero,
        ["boxed enum"] = () => (DayOfWeek)Zero,
        ["boxed nullable"] = () => (long?)Zero,
        ["boxed empty struct"] = () => default(Empty),
        ["boxed (int,string,byte)"] = () => (Zero, "", (byte)Zero),
        ["boxed Packed"] = () => default(Packed),
        ["boxed Overlaid"] = () => default(Overlaid),
        ["boxed Sized"] = () => default(Sized),
        ["boxed Ten"] = () => default(Ten),
        ["boxed TenTexts"] = () => default(TenTexts),
        ["boxed Memory<byte>"] = () => default(Memory<byte>),
        ["boxed Nested<Nested<string>>"] = () => default(Nested<Nested<string>>),
        ["class with byte"] = () => new Holder<byte>(),
        ["class with int"] = () => new Holder<int>(),
        ["class with string"] = () => new Holder<string>(),
        ["class with Int128"] = () => new Holder<Int128>(),
        ["class with Vector256"] = () => new Holder<Vector256<byte>>(),
        ["class with Vector<float>"] = () => new Holder<Vector<float>>(),
        ["class with Ten"] = () => new Holder<Ten>(),
        ["class with TenTexts"] = () => new Holder<TenTexts>(),
        ["class with Packed"] = () => new Holder<Packed>(),
        ["class with Overlaid"] = () => new Holder<Overlaid>(),
        ["class with decimal?"] = () => new Holder<decimal?>(),
        ["class with DateTimeOffset"] = () => new Holder<DateTimeOffset>(),
        ["class with (byte,Int128,byte)"] = () => new Holder<(byte, Int128, byte)>(),
        ["empty class"] = () => new NoFields(),
        ["derived class"] = () => new Derived(),
        ["explicit class"] = () => new ExplicitClass(),
        ["sequential class"] = () => new SequentialClass(),
        ["record"] = () => new Point(1, 2, ""),
        ["List<int>"] = () => new List<int>(),
        ["Dictionary<string,int>"] = () => new Dictionary<string, int>(),
        ["HashSet<long>"] = () => new HashSet<long>(),
        ["LinkedList<int>"] = () => new LinkedList<int>(),
        ["LinkedListNode<Guid>"] = () => new LinkedListNode<Guid>(Guid.Empty),
        ["Queue<int>"] = () => new Queue<int>(),
        ["Stack<int>"] = () => new Stack<int>(),
        ["Action, open"] = () => new Action(DoNothing),
        ["Func, closed"] = () => new Func<string>(Text.ToString),
        ["StrongBox<int>"] = () => new StrongBox<int>(),
        ["Tuple<int,string>"] = () => Tuple.Create(Zero, ""),
        ["Exception"] = () => new InvalidOperationException(Text),
        ["Version"] = () => new Version(1, 2),
        ["record with padding"] = () => new Padded(1, 2, 3),
        ["Task<int>"] = () => new Task<int>(Five),
        ["class with WeakReference"] = () => new Holder<WeakReference<string>>(),
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void SizeOf_EveryKindOfObject_IsWhatTheAllocatorCounted(string name)
    {
        (object o, long allocated) = Allocate(Factories[name]);

        Assert.Equal(allocated, HeapLayout.SizeOf(o, HeapLayout.TypeOf(o)));
    }

    [Fact]
    public void Cases_Count_IsAtLeastEightyTwoDistinctShapes() =>
        Assert.True(Factories.Values.Select(make => make()).Select(o => (o.GetType(), (o as Array)?.Length ?? (o as string)?.Length)).Distinct().Count() >= 82);

    [Theory]
    [MemberData(nameof(Cases))]
    public void Measure_LeafOfEveryKind_IsItsAllocation(string name)
    {
        (object o, long allocated) = Allocate(Factories[name]);
        if (!HeapLayout.TypeOf(o)->HasReferences)
            Assert.Equal(new SizeResult(allocated, 1, SizeQuality.Exact), ObjectSizer.Measure(o));
        else
            Assert.True(ObjectSizer.Measure(o).Bytes >= allocated);
    }

    [Fact]
    public void Measure_ObjectsOfSeveralParts_IsWhatTheAllocatorCounted()
    {
        // Objects whose constructors allocate more: the sum of all parts is what the allocator counted.
        (object builder, long ofBuilder) = Allocate(() => new StringBuilder(100));
        Assert.Equal(ofBuilder, ObjectSizer.Measure(builder).Bytes);
        (object table, long ofTable) = Allocate(() => new Dictionary<long, string>(50));
        Assert.Equal(ofTable, ObjectSizer.Measure(table).Bytes);
        (object bits, long ofBits) = Allocate(() => new BitArray(1000));
        Assert.Equal(ofBits, ObjectSizer.Measure(bits).Bytes);
        (object concurrent, long ofConcurrent) = Allocate(() => new ConcurrentDictionary<int, int>(2, 5));
        Assert.Equal(ofConcurrent, ObjectSizer.Measure(concurrent).Bytes);
    }

    [Fact]
    public void InstanceBytes_SealedClasses_IsTheAllocationWithoutMakingOne()
    {
        Assert.Equal(Allocate(() => new NoFields()).Bytes, HeapLayout.InstanceBytes<NoFields>());
        Assert.Equal(Allocate(() => new Derived()).Bytes, HeapLayout.InstanceBytes<Derived>());
        Assert.Equal(Allocate(() => new Holder<Int128>()).Bytes, HeapLayout.InstanceBytes<Holder<Int128>>());
        Assert.Equal(Allocate(() => new Holder<string>()).Bytes, HeapLayout.InstanceBytes<Holder<string>>(() => throw new InvalidOperationException("not needed")));
        Assert.Equal(Allocate(() => new Holder<TenTexts>()).Bytes, HeapLayout.InstanceBytes<Holder<TenTexts>>());
    }

    [Fact]
    public void InstanceBytes_TypesOfNoSingleSize_Throws()
    {
        Assert.Contains("Base", Assert.Throws<ArgumentException>(() => HeapLayout.InstanceBytes<Base>()).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => HeapLayout.InstanceBytes<string>());
        Assert.Throws<ArgumentException>(() => HeapLayout.InstanceBytes<int[]>());
    }

    [Fact]
    public void InstanceBytesByAllocation_SealedClasses_AgreesWithTheDescriptor()
    {
        Assert.Equal(HeapLayout.InstanceBytes<NoFields>(), HeapLayout.InstanceBytesByAllocation(() => new NoFields()));
        Assert.Equal(HeapLayout.InstanceBytes<Derived>(), HeapLayout.InstanceBytesByAllocation(() => new Derived()));
        Assert.Equal(HeapLayout.InstanceBytes<Holder<Vector256<byte>>>(), HeapLayout.InstanceBytesByAllocation(() => new Holder<Vector256<byte>>()));
    }

    [Fact]
    public void ArrayBytes_AnyElement_IsTheAllocation()
    {
        foreach (int length in new[] { 0, 1, 2, 3, 7, 100, 85_000 })
        {
            int n = length + Zero;
            Assert.Equal(Allocate(() => new byte[n]).Bytes, HeapLayout.ArrayBytes<byte>(n));
            Assert.Equal(Allocate(() => new string[n]).Bytes, HeapLayout.ArrayBytes<string>(n));
            Assert.Equal(Allocate(() => new (byte, string)[n]).Bytes, HeapLayout.ArrayBytes<(byte, string)>(n));
            Assert.Equal(Allocate(() => new Ten[n]).Bytes, HeapLayout.ArrayBytes<Ten>(n));
            Assert.Equal(Allocate(() => new Packed[n]).Bytes, HeapLayout.ArrayBytes<Packed>(n));
        }

        Assert.Equal(24 + (8L * int.MaxValue), HeapLayout.ArrayBytes<long>(int.MaxValue));
        Assert.Throws<ArgumentOutOfRangeException>(() => HeapLayout.ArrayBytes<long>(-1));
    }

    /// <summary>The least of some tries: a first one also loads types, and the compiler works on the same thread.</summary>
    private static (object Object, long Bytes) Allocate(Func<object> make)
    {
        long least = long.MaxValue;
        object o = make();
        for (int i = 0; i < 5; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            o = make();
            long bytes = GC.GetAllocatedBytesForCurrentThread() - before;
            _escaped = o;
            least = Math.Min(least, bytes);
        }

        _escaped = null;
        return (o, least);
    }

    private static void DoNothing()
    {
    }

#pragma warning disable CS0649, CS0169, CA1823, IDE0044, IDE0051 // Fields that exist to take their place in the layout.
    private struct Empty;

    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    private struct Packed
    {
        private byte _a;
        private long _b;
        private short _c;
    }

    [StructLayout(LayoutKind.Explicit)]
    private struct Overlaid
    {
        [FieldOffset(0)]
        private double _a;

        [FieldOffset(4)]
        private long _b;

        [FieldOffset(21)]
        private byte _c;
    }

    [StructLayout(LayoutKind.Sequential, Size = 77)]
    private struct Sized
    {
        private int _a;
    }

    [InlineArray(10)]
    private struct Ten
    {
        private short _element;
    }

    [InlineArray(10)]
    private struct TenTexts
    {
        private string? _element;
    }

    private struct Nested<T>
    {
        private byte _a;
        private T _value;
        private byte _b;
    }

    private sealed class NoFields;

    private sealed class Holder<T>
    {
        private byte _before;
        private T? _value;
        private bool _after;
    }

    private class Base
    {
        private byte _a;
        private string? _text;
    }

    private sealed class Derived : Base
    {
        private byte _b;
        private Int128 _wide;
        private object? _o;
    }

    [StructLayout(LayoutKind.Explicit, Size = 60)]
    private sealed class ExplicitClass
    {
        [FieldOffset(3)]
        private byte _a;

        [FieldOffset(8)]
        private long _b;
    }

    [StructLayout(LayoutKind.Sequential)]
    private sealed class SequentialClass
    {
        private byte _a;
        private int _b;
        private byte _c;
        private double _d;
    }
#pragma warning restore CS0649, CS0169, CA1823, IDE0044, IDE0051

    private sealed record Point(int X, int Y, string Name);

    private sealed record Padded(long A, byte B, int C);
}
