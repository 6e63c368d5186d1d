namespace BoundedMemory.Tests.Sizing;

/// <summary>What is marked costs nothing; what is not marked, or also reached otherwise, costs all of it.</summary>
public class NotOwnedTests
{
    private static readonly long PayloadBytes = HeapLayout.ArrayBytes<byte>(1000);

    [Fact]
    public void Measure_MarkedField_IsNotCharged()
    {
        var value = new Row { Owned = NewPayload(), Marked = NewForeign() };
        Assert.Equal(new SizeResult(HeapLayout.InstanceBytes<Row>() + PayloadBytes, 2, SizeQuality.Exact), ObjectSizer.Measure(value));

        value.Owned = new object[] { NewPayload() };
        Assert.Equal(HeapLayout.InstanceBytes<Row>() + HeapLayout.ArrayBytes<object>(1) + PayloadBytes, ObjectSizer.Measure(value).Bytes);
    }

    [Fact]
    public void Measure_MarkedFieldAlsoOwned_IsCharged()
    {
        byte[] payload = NewPayload();
        Assert.Equal(HeapLayout.InstanceBytes<Row>() + PayloadBytes, ObjectSizer.Measure(new Row { Owned = payload, Marked = payload }).Bytes);

        // Whichever of the two is met first.
        long two = HeapLayout.ArrayBytes<object>(2) + HeapLayout.InstanceBytes<Row>() + PayloadBytes;
        Assert.Equal(two, ObjectSizer.Measure(new object[] { new Row { Marked = payload }, payload }).Bytes);
        Assert.Equal(two, ObjectSizer.Measure(new object[] { payload, new Row { Marked = payload } }).Bytes);
    }

    [Fact]
    public void Measure_MarkInBaseClass_IsSeen()
    {
        var value = new DerivedRow { Owned = NewPayload(), Marked = NewForeign(), More = NewPayload() };
        value.MarkPrivately(NewForeign());
        Assert.Equal(HeapLayout.InstanceBytes<DerivedRow>() + (2 * PayloadBytes), ObjectSizer.Measure(value).Bytes);
    }

    [Fact]
    public void Measure_MarkOnPropertyOfRecord_IsSeen() =>
        Assert.Equal(HeapLayout.InstanceBytes<Rec>() + PayloadBytes, ObjectSizer.Measure(new Rec(NewForeign(), NewPayload())).Bytes);

    [Fact]
    public void Measure_MarkInGenericClass_IsSeen() =>
        Assert.Equal(
            HeapLayout.InstanceBytes<Generic<byte[]>>() + PayloadBytes,
            ObjectSizer.Measure(new Generic<byte[]> { Owned = NewPayload(), Marked = NewForeign() }).Bytes);

    [Fact]
    public void Measure_MarkInStruct_IsSeenWhereverTheStructIs()
    {
        Part part = new() { Number = 1, Marked = NewForeign(), Owned = NewPayload() };
        Assert.Equal(PayloadBytes, ObjectSizer.For<Part>().Measure(part).Bytes);
        Assert.Equal(PayloadBytes, ObjectSizer.For<(int, Part)>().Measure((1, part)).Bytes);
        Assert.Equal(HeapLayout.InstanceBytes<Generic<Part>>() + PayloadBytes, ObjectSizer.Measure(new Generic<Part> { Owned = part }).Bytes);
        Assert.Equal(PayloadBytes + 16 + System.Runtime.CompilerServices.Unsafe.SizeOf<Part>(), ObjectSizer.Measure((object)part).Bytes);

        Part[] parts = [.. Enumerable.Range(0, 5).Select(i => new Part { Number = (byte)i, Marked = NewForeign(), Owned = NewPayload() })];
        Assert.Equal(HeapLayout.ArrayBytes<Part>(5) + (5 * PayloadBytes), ObjectSizer.Measure(parts).Bytes);
        Assert.Equal(HeapLayout.ArrayBytes<Part>(1) + 16 + PayloadBytes, ObjectSizer.Measure(new Part[1, 1] { { part } }).Bytes);
        Assert.Equal(HeapLayout.ArrayBytes<(byte, Part)>(1) + PayloadBytes, ObjectSizer.Measure(new (byte, Part)[] { (1, part) }).Bytes);

        var dictionary = new Dictionary<int, Part> { [1] = parts[0], [2] = parts[1] };
        long empty = ObjectSizer.Measure(new Dictionary<int, Part> { [1] = default, [2] = default }).Bytes;
        Assert.Equal(empty + (2 * PayloadBytes), ObjectSizer.Measure(dictionary).Bytes);
    }

    [Fact]
    public void Measure_MarkedStructField_NothingInItIsCharged() =>
        Assert.Equal(
            HeapLayout.InstanceBytes<WithMarkedStruct>() + PayloadBytes,
            ObjectSizer.Measure(new WithMarkedStruct { Marked = (NewForeign(), 1, NewForeign()), Owned = NewPayload() }).Bytes);

    [Fact]
    public void Measure_MarkedClass_IsChargedOnlyAsTheValueItself()
    {
        var table = new SharedTable { Payload = NewPayload() };
        Assert.Equal(HeapLayout.InstanceBytes<SharedTable>() + PayloadBytes, ObjectSizer.Measure(table).Bytes);
        Assert.Equal(HeapLayout.ArrayBytes<object>(2), ObjectSizer.Measure(new object[] { table, new DerivedTable { Payload = NewPayload() } }).Bytes);
        Assert.Equal(HeapLayout.InstanceBytes<Generic<SharedTable>>(), ObjectSizer.Measure(new Generic<SharedTable> { Owned = table }).Bytes);
        Assert.Equal(0, ObjectSizer.For<(SharedTable, int)>().Measure((table, 1)).Bytes);
        Assert.Equal(HeapLayout.ArrayBytes<object>(1), ObjectSizer.Measure(new object[] { new MarkedLeaf() }).Bytes);
        Assert.Equal(HeapLayout.InstanceBytes<Generic<MarkedLeaf>>(), ObjectSizer.Measure(new Generic<MarkedLeaf> { Owned = new MarkedLeaf() }).Bytes);
        Assert.Equal(HeapLayout.ArrayBytes<object>(100), ObjectSizer.Measure(Enumerable.Range(0, 100).Select(_ => new MarkedLeaf()).ToArray()).Bytes);
    }

    [Fact]
    public void Measure_MarkInClassWithFinalizer_ErrsUpwards()
    {
        var value = new WithFinalizer { Marked = NewPayload() };
        Assert.Equal(HeapLayout.InstanceBytes<WithFinalizer>() + PayloadBytes, ObjectSizer.Measure(value).Bytes);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        Assert.Equal(0, WithFinalizer.FinalizedWithoutConstruction);
        GC.KeepAlive(value);
    }

    [Fact]
    public void Measure_MarkInNullable_ErrsUpwards() =>
        Assert.Equal(HeapLayout.ArrayBytes<Part?>(1) + PayloadBytes, ObjectSizer.Measure(new Part?[] { new Part { Marked = NewPayload() } }).Bytes);

    [Fact]
    public void Measure_MarkInStructWhoseStaticConstructorFails_DoesNotThrow()
    {
        var array = new Failing[1];
        array[0].Marked = NewPayload();
        Assert.InRange(ObjectSizer.Measure(array).Bytes, HeapLayout.ArrayBytes<Failing>(1), HeapLayout.ArrayBytes<Failing>(1) + PayloadBytes);
    }

    [Fact]
    public void MeasureTogether_MarkedFields_AreNotCharged()
    {
        byte[] payload = NewPayload();
        JointSize joint = ObjectSizer.MeasureTogether<object?>([new Row { Marked = payload }, new Row { Marked = payload }]);
        Assert.Equal(2 * HeapLayout.InstanceBytes<Row>(), joint.UnionBytes);
        Assert.Null(joint.Shared);
    }

    private static byte[] NewPayload() => new byte[1000];

    /// <summary>Of another size, so that it shows when the wrong field is left out.</summary>
    private static byte[] NewForeign() => new byte[5000];

    private class Row0
    {
        [NotOwned]
        private object? _private;

        public void MarkPrivately(object value) => _private = value;

        public bool IsMarked => _private is not null;
    }

    private sealed class Row : Row0
    {
        public byte Number = 1;
        public object? Owned;

        [NotOwned]
        public object? Marked;
    }

    private class BaseRow : Row0
    {
        public object? Owned;

        [NotOwned]
        public object? Marked;
    }

    private sealed class DerivedRow : BaseRow
    {
        public object? More;
    }

    private sealed record Rec([field: NotOwned] byte[] Marked, byte[] Owned);

    private sealed class Generic<T>
    {
        [NotOwned]
        public T? Marked;

        public T? Owned;
    }

    private struct Part
    {
        public byte Number;

        [NotOwned]
        public object? Marked;

        public object? Owned;
    }

    private struct Failing
    {
        public static readonly int Number = int.Parse("not a number", System.Globalization.CultureInfo.InvariantCulture);

        [NotOwned]
        public object? Marked;

        static Failing()
        {
        }
    }

    private sealed class WithMarkedStruct
    {
        [NotOwned]
        public (object?, int, object?) Marked;

        public object? Owned;
    }

    [NotOwned]
    private class SharedTableBase
    {
        public byte[]? Payload;
    }

    private sealed class SharedTable : SharedTableBase;

    private sealed class DerivedTable : SharedTableBase;

    [NotOwned]
    private sealed class MarkedLeaf
    {
        public long Number = 1;
    }

    private sealed class WithFinalizer
    {
        public static int FinalizedWithoutConstruction;

        [NotOwned]
        public object? Marked;

        private readonly int _constructed = 1;

        ~WithFinalizer()
        {
            if (_constructed == 0)
                Interlocked.Increment(ref FinalizedWithoutConstruction);
        }
    }
}
