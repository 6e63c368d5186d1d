namespace BoundedMemory.Tests.Sizing;

/// <summary>Sizes that the user states.</summary>
public class DeclaredSizeTests
{
    [Fact]
    public void Create_Function_IsAskedAndTrusted()
    {
        Sizer<string> sizer = Sizer.Create<string>(text => text.Length * 10);
        Assert.Equal(new SizeResult(30, 1, SizeQuality.Declared), sizer.Measure("abc"));
        Assert.Equal(default, sizer.Measure(null!));
        Assert.Equal(new SizeResult(0, 1, SizeQuality.Declared), Sizer.Create<int>(_ => 0).Measure(5));
        Assert.Throws<ArgumentNullException>("retainedBytes", () => Sizer.Create<string>(null!));
    }

    [Fact]
    public void Create_FunctionReturnsNegative_ThrowsNamingTheType()
    {
        InvalidOperationException e = Assert.Throws<InvalidOperationException>(() => Sizer.Create<List<Version>>(_ => -7).Measure([]));
        Assert.Contains("System.Collections.Generic.List<Version>", e.Message, StringComparison.Ordinal);
        Assert.Contains("-7", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void SizeResult_NegativeNumbers_CannotBeMade()
    {
        Assert.Throws<ArgumentOutOfRangeException>("bytes", () => new SizeResult(-1, 1, SizeQuality.Exact));
        Assert.Throws<ArgumentOutOfRangeException>("objects", () => new SizeResult(1, -1, SizeQuality.Exact));
    }

    [Fact]
    public void Measure_HasSizeAsTheValue_IsAskedAndNotWalked()
    {
        var value = new Declaring(777) { Payload = new byte[10_000] };
        Assert.Equal(new SizeResult(777, 1, SizeQuality.Declared), ObjectSizer.Measure(value));
        Assert.Equal(new SizeResult(777, 1, SizeQuality.Declared), ObjectSizer.For<Declaring>().Measure(value));
        Assert.Equal(new SizeResult(777, 1, SizeQuality.Declared), ObjectSizer.For<IHasSize>().Measure(value));
        Assert.Equal(new SizeResult(777, 1, SizeQuality.Declared), ObjectSizer.For<object>().Measure(value));
        Assert.Equal(new SizeResult(5, 1, SizeQuality.Declared), ObjectSizer.Measure(new DeclaringLeaf(5)));
    }

    [Fact]
    public void Measure_HasSizeInAGraph_IsPartOfTheSum()
    {
        var text = new string('x', 9);
        object[] graph = [new Declaring(777) { Payload = new byte[10_000] }, text];
        Assert.Equal(new SizeResult(HeapLayout.ArrayBytes<object>(2) + 777 + ObjectSizer.Measure(text).Bytes, 3, SizeQuality.Declared), ObjectSizer.Measure(graph));

        // By the short way, too, and in long arrays of a sealed type without references.
        Assert.Equal(new SizeResult(HeapLayout.InstanceBytes<Holder>() + 5, 2, SizeQuality.Declared), ObjectSizer.Measure(new Holder(new DeclaringLeaf(5))));
        Assert.Equal(HeapLayout.ArrayBytes<object>(100) + 500, ObjectSizer.Measure(Enumerable.Range(0, 100).Select(_ => new DeclaringLeaf(5)).ToArray()).Bytes);
    }

    [Fact]
    public void Measure_HasSizeStruct_IsAskedWithoutTheSlot()
    {
        Assert.Equal(new SizeResult(50, 1, SizeQuality.Declared), ObjectSizer.For<DeclaringStruct>().Measure(new DeclaringStruct(50)));
        Assert.Equal(new SizeResult(50 + 24, 1, SizeQuality.Declared), ObjectSizer.Measure(new DeclaringStruct(50)));
        Assert.Equal(default, ObjectSizer.For<DeclaringStruct?>().Measure(null));
    }

    [Fact]
    public void Measure_HasSizeNegative_ThrowsNamingTheType()
    {
        Action[] uses =
        [
            () => ObjectSizer.Measure(new Declaring(-1)),
            () => ObjectSizer.Measure(new object[] { new Declaring(-1) }),
            () => ObjectSizer.For<Declaring>().Measure(new Declaring(-1)),
            () => ObjectSizer.Choose<Declaring>(10, layoutIsKnown: false).Measure(new Declaring(-1)),
            () => ObjectSizer.MeasureTogether<object?>([new Declaring(-1)]),
        ];
        Assert.All(uses, use => Assert.Contains("Declaring.RetainedBytes returned -1", Assert.Throws<InvalidOperationException>(use).Message, StringComparison.Ordinal));
        Assert.Contains("DeclaringStruct", Assert.Throws<InvalidOperationException>(() => ObjectSizer.For<DeclaringStruct>().Measure(new DeclaringStruct(-1))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Measure_HasSizeThatMeasures_MayDoSo()
    {
        object inner = new object[] { new object[] { new object(), new string('x', 5) }, new object() };
        long bytes = ObjectSizer.Measure(inner).Bytes;
        object[] graph = [new object[] { new object() }, new Measuring(inner), new object[] { new object() }];
        long others = ObjectSizer.Measure(new object[] { graph[0], null!, graph[2] }).Bytes;

        Assert.Equal(others + bytes, ObjectSizer.Measure(graph).Bytes);
        Assert.Equal(others + bytes, ObjectSizer.For<(object, int)>().Measure((graph, 1)).Bytes);

        // With the same sizer, in the middle of a value; the second time there is scratch to be fought over.
        Assert.Equal(0, ObjectSizer.For<(object?, object?)>().Measure((null, null)).Bytes);
        Assert.Equal(bytes + HeapLayout.ArrayBytes<byte>(1000), ObjectSizer.For<(object?, object?)>().Measure((new MeasuringStruct(inner), new byte[1000])).Bytes);
    }

    [Fact]
    public void Measure_HasSizeThrows_LeavesTheSizerUsable()
    {
        object[] graph = [new object[] { new object() }, new Throwing(), new object[] { new object() }];
        Assert.Throws<NotImplementedException>(() => ObjectSizer.Measure(graph));
        Assert.Throws<NotImplementedException>(() => ObjectSizer.For<(object, int)>().Measure((graph, 1)));

        graph[1] = new object();
        Assert.Equal(6, ObjectSizer.Measure(graph).Objects);
    }

    private sealed class Declaring(long bytes) : IHasSize
    {
        public object? Payload;

        public long RetainedBytes => bytes;
    }

    private sealed class DeclaringLeaf(long bytes) : IHasSize
    {
        public long RetainedBytes => bytes;
    }

    private readonly struct DeclaringStruct(long bytes) : IHasSize
    {
        public long RetainedBytes => bytes;
    }

    private sealed class Measuring(object inner) : IHasSize
    {
        public long RetainedBytes => ObjectSizer.Measure(inner).Bytes;
    }

    private sealed class MeasuringStruct(object inner) : IHasSize
    {
        public long RetainedBytes => ObjectSizer.For<(object?, object?)>().Measure((inner, null)).Bytes;
    }

    private sealed class Throwing : IHasSize
    {
        public object Reference = new();

        public long RetainedBytes => throw new NotImplementedException();
    }

    private sealed record Holder(object Value);
}
