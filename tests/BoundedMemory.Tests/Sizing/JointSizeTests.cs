namespace BoundedMemory.Tests.Sizing;

/// <summary>What values retain together, and what they share.</summary>
public class JointSizeTests
{
    [Fact]
    public void MeasureTogether_NothingShared_SumIsUnion()
    {
        object?[] roots = [new object[] { new byte[10] }, null, new string('x', 5), new List<int>(3)];
        long sum = roots.Sum(root => ObjectSizer.Measure(root).Bytes);

        Assert.Equal(new JointSize(sum, sum, null, SizeQuality.Exact), ObjectSizer.MeasureTogether<object?>(roots));
    }

    [Fact]
    public void MeasureTogether_TableSharedByAll_IsNamedWithItsBytesAndRoots()
    {
        var table = new Table { Rows = [.. Enumerable.Range(0, 200).Select(i => new Row { Number = i, Cells = new double[20] })] };
        long tableBytes = ObjectSizer.Measure(table).Bytes;
        object?[] roots = [.. Enumerable.Range(0, 32).Select(i => new Entry { Name = $"entry {i}", Table = table })];
        long sum = roots.Sum(root => ObjectSizer.Measure(root).Bytes);

        JointSize joint = ObjectSizer.MeasureTogether<object?>(roots);

        Assert.Equal(new SharedGraph("Table", tableBytes, 32), joint.Shared);
        Assert.Equal(sum, joint.SumBytes);
        Assert.Equal(sum - (31 * tableBytes), joint.UnionBytes);
    }

    [Fact]
    public void MeasureTogether_TableThatKnowsItsOwnersChild_IsStillTheTable()
    {
        // Some values also refer to a row directly, and rows refer back to the table.
        var table = new Table();
        table.Rows = [.. Enumerable.Range(0, 50).Select(i => new Row { Number = i, Cells = new double[20], Back = table })];
        object?[] roots = [.. Enumerable.Range(0, 10).Select(i => new Entry { Table = table, Other = table.Rows[i] })];

        Assert.Equal(new SharedGraph("Table", ObjectSizer.Measure(table).Bytes, 10), ObjectSizer.MeasureTogether<object?>(roots).Shared);
    }

    [Fact]
    public void MeasureTogether_SeveralShared_TheOneThatCostsMostIsNamed()
    {
        // 40 kB charged once too often, against 10 kB charged nine times too often.
        byte[] large = new byte[40_000];
        char[] small = new char[5_000];
        object?[] roots = [.. Enumerable.Range(0, 10).Select(i => new Entry { Table = i < 2 ? large : null, Other = small })];

        Assert.Equal(new SharedGraph("Char[]", HeapLayout.ArrayBytes<char>(5_000), 10), ObjectSizer.MeasureTogether<object?>(roots).Shared);
    }

    [Fact]
    public void MeasureTogether_SharedWithinOneValueOnly_IsNotShared()
    {
        byte[] twice = new byte[100];
        JointSize joint = ObjectSizer.MeasureTogether<object?>([new object[] { twice, twice }, new object[] { new byte[100] }]);
        Assert.Null(joint.Shared);
        Assert.Equal(joint.SumBytes, joint.UnionBytes);
    }

    [Fact]
    public void MeasureTogether_SameValueTwice_IsSharedItself()
    {
        object value = new object[] { new byte[100] };
        JointSize joint = ObjectSizer.MeasureTogether<object?>([value, value, new object()]);
        Assert.Equal(new SharedGraph("Object[]", ObjectSizer.Measure(value).Bytes, 2), joint.Shared);
        Assert.Equal(joint.UnionBytes + ObjectSizer.Measure(value).Bytes, joint.SumBytes);
    }

    [Fact]
    public void MeasureTogether_OneValueInsideAnother_IsShared()
    {
        object inner = new object[] { new byte[100] };
        JointSize joint = ObjectSizer.MeasureTogether<object?>([inner, new object[] { inner }]);
        Assert.Equal(new SharedGraph("Object[]", ObjectSizer.Measure(inner).Bytes, 2), joint.Shared);
    }

    [Fact]
    public void MeasureTogether_Structs_AreMeasuredWithoutABox()
    {
        byte[] shared = new byte[1000];
        (string, byte[])[] values = [(new string('a', 3), shared), (new string('b', 3), shared), default];
        long text = ObjectSizer.Measure(values[0].Item1).Bytes;
        long bytes = HeapLayout.ArrayBytes<byte>(1000);

        Assert.Equal(new JointSize((2 * text) + bytes, 2 * (text + bytes), new SharedGraph("Byte[]", bytes, 2), SizeQuality.Exact), ObjectSizer.MeasureTogether<(string, byte[])>(values));
        Assert.Equal(default, ObjectSizer.MeasureTogether<int>([1, 2, 3]));
    }

    [Fact]
    public void MeasureTogether_SummedArrays_AgreeWithSeparateMeasurements()
    {
        string[] texts = [.. Enumerable.Range(0, 2000).Select(i => $"text {i % 700}")];
        object?[] roots = [texts, new object[] { texts }];
        JointSize joint = ObjectSizer.MeasureTogether<object?>(roots);
        Assert.Equal(roots.Sum(root => ObjectSizer.Measure(root).Bytes), joint.SumBytes);
        Assert.Equal(new SharedGraph("String[]", ObjectSizer.Measure(texts).Bytes, 2), joint.Shared);
        Assert.Equal(SizeQuality.UpperBound, joint.Quality);
    }

    [Fact]
    public void MeasureTogether_OverTheCap_SaysSo()
    {
        object?[] roots = [ObjectSizerTests.NewChain(100, out _), new string('x', 5)];
        long node = HeapLayout.InstanceBytes<ObjectSizerTests.Node>();

        JointSize joint = ObjectSizer.MeasureTogether<object?>(roots, new SizerOptions { MaxObjects = 10 });
        Assert.Equal(SizeQuality.CapHit, joint.Quality);
        Assert.Equal((10 * node) + ObjectSizer.Measure(roots[1]).Bytes, joint.SumBytes);
        Assert.Equal(SizeQuality.Exact, ObjectSizer.MeasureTogether<object?>(roots, new SizerOptions { MaxObjects = 100 }).Quality);
        Assert.Throws<ArgumentOutOfRangeException>(() => ObjectSizer.MeasureTogether<object?>(roots, new SizerOptions { MaxObjects = 0 }));
    }

    [Fact]
    public void MeasureTogether_BoundariesAndComparers_CostNothing()
    {
        object?[] roots = [.. Enumerable.Range(0, 3).Select(_ => (object)new Dictionary<string, object>(StringComparer.OrdinalIgnoreCase) { ["literal"] = Thread.CurrentThread })];
        JointSize joint = ObjectSizer.MeasureTogether<object?>(roots);
        Assert.Null(joint.Shared);
        Assert.Equal(roots.Sum(root => ObjectSizer.Measure(root).Bytes), joint.UnionBytes);
    }

    private sealed class Table
    {
        public Row[] Rows = [];
    }

    private sealed class Row
    {
        public int Number;
        public double[]? Cells;
        public Table? Back;
    }

    private sealed class Entry
    {
        public string? Name;
        public object? Table;
        public object? Other;
    }
}
