namespace BoundedMemory.Tests.Sizing;

/// <summary>Walks that end at the cap say so, and where.</summary>
public class SizingCapTests
{
    private static readonly SizerOptions Ten = new() { MaxObjects = 10 };

    [Fact]
    public void Measure_AtTheCap_IsStillExact()
    {
        long node = HeapLayout.InstanceBytes<ObjectSizerTests.Node>();
        Assert.Equal(new SizeResult(10 * node, 10, SizeQuality.Exact), ObjectSizer.Measure(ObjectSizerTests.NewChain(10, out _), Ten));

        SizeResult over = ObjectSizer.Measure(ObjectSizerTests.NewChain(11, out _), Ten);
        Assert.Equal((10 * node, 10, SizeQuality.CapHit), (over.Bytes, over.Objects, over.Quality));
    }

    [Fact]
    public void Measure_CompleteResult_NamesNoPlace()
    {
        SizeResult result = ObjectSizer.Measure(ObjectSizerTests.NewChain(5, out _), Ten);
        Assert.Null(result.StoppedAtType);
        Assert.Null(result.StoppedAtPath);
    }

    [Fact]
    public void Measure_OverTheCap_NamesTypeAndPath()
    {
        // Nearest first: order, list, array, four lines, four products; the last of those is the eleventh.
        var order = new Order();
        for (int i = 0; i < 4; i++)
            order.Lines.Add(new OrderLine { Product = new Product() });
        SizeResult result = ObjectSizer.Measure(order, Ten);

        Assert.Equal(SizeQuality.CapHit, result.Quality);
        Assert.Equal("Order.Lines[3].Product", result.StoppedAtPath);
        Assert.Equal("BoundedMemory.Tests.Sizing.Product", result.StoppedAtType);
    }

    [Fact]
    public void Measure_OverTheCapInCollections_NamesThePath()
    {
        var one = new SizerOptions { MaxObjects = 3 };
        Assert.Equal("Dictionary<Int32, Object>._entries[0].value", ObjectSizer.Measure(new Dictionary<int, object> { [7] = new byte[5] }, one).StoppedAtPath);
        Assert.Equal("Object[,][3].Name", ObjectSizer.Measure(new object?[,] { { null, null }, { null, NewNamed() } }, new SizerOptions { MaxObjects = 2 }).StoppedAtPath);
        Assert.Equal("ValueTuple<Int32, Named>[][1].Item2.Name", ObjectSizer.Measure(new[] { (1, null!), (2, NewNamed()) }, new SizerOptions { MaxObjects = 2 }).StoppedAtPath);
        Assert.Equal("Holder<ValueTuple<Byte, Named>>.Value.Item2.Name", ObjectSizer.Measure(new Holder<(byte, Named)> { Value = (1, NewNamed()) }, new SizerOptions { MaxObjects = 2 }).StoppedAtPath);
    }

    [Fact]
    public void Measure_OverTheCapFromStruct_NamesThePath()
    {
        SizeResult result = ObjectSizer.For<(int, Named)>(new SizerOptions { MaxObjects = 1 }).Measure((1, NewNamed()));
        Assert.Equal("ValueTuple<Int32, Named>.Item2.Name", result.StoppedAtPath);
        Assert.Equal("System.String", result.StoppedAtType);
        Assert.Equal(HeapLayout.InstanceBytes<Named>(), result.Bytes);
    }

    [Fact]
    public void Measure_OverTheCapFarAway_ShortensThePath()
    {
        SizeResult result = ObjectSizer.Measure(ObjectSizerTests.NewChain(5000, out _), new SizerOptions { MaxObjects = 1000 });
        Assert.Equal("Node.Next.Next.Next.Next.Next.Next...(988 more)....Next.Next.Next.Next.Next.Next", result.StoppedAtPath);
        Assert.Equal("BoundedMemory.Tests.Sizing.ObjectSizerTests+Node".Replace("ObjectSizerTests+", "", StringComparison.Ordinal), result.StoppedAtType);
    }

    [Fact]
    public void Measure_OverTheCapOfOne_NamesTheFirstChild()
    {
        SizeResult result = ObjectSizer.Measure(NewNamed(), new SizerOptions { MaxObjects = 1 });
        Assert.Equal((SizeQuality.CapHit, "Named.Name"), (result.Quality, result.StoppedAtPath));
    }

    [Fact]
    public void Measure_SummedArrays_DoNotCountTowardsTheCap()
    {
        string[] texts = [.. Enumerable.Range(0, 50).Select(i => $"text {i}")];
        Assert.Equal((51, SizeQuality.UpperBound), ObjectSizer.Measure(texts, new SizerOptions { MaxObjects = 1 }) is var r ? (r.Objects, r.Quality) : default);
    }

    [Fact]
    public void Measure_ThroughMarkedFields_DoesNotReachTheCap() =>
        Assert.Equal(SizeQuality.Exact, ObjectSizer.Measure(new Escaping { Service = ObjectSizerTests.NewChain(1000, out _) }, Ten).Quality);

    [Fact]
    public void Measure_AfterTheCap_IsAsBefore()
    {
        ObjectSizerTests.Node large = ObjectSizerTests.NewChain(2000, out _);
        SizeResult before = ObjectSizer.Measure(large);
        Assert.Equal(SizeQuality.CapHit, ObjectSizer.Measure(large, Ten).Quality);
        Assert.Equal(before, ObjectSizer.Measure(large));
    }

    private static Named NewNamed() => new() { Name = Guid.NewGuid().ToString() };

    private sealed class Named
    {
        public string? Name;
    }

    private sealed class Holder<T>
    {
        public T? Value;
    }

    private sealed class Escaping
    {
        [NotOwned]
        public object? Service;

        public object Own = new();
    }
}

internal sealed class Order
{
    public List<OrderLine> Lines { get; } = [];
}

internal sealed class OrderLine
{
    public Product? Product { get; set; }
}

internal sealed class Product
{
    public int Number { get; set; }
}
