using System.Collections.Concurrent;
using BoundedMemory.Tests.Support;

namespace BoundedMemory.Tests.Sizing;

/// <summary>What is counted and what is not.</summary>
public class ObjectSizerTests
{
    private static readonly long ObjectBytes = HeapLayout.InstanceBytesByAllocation(() => new object());

    [Fact]
    public void Measure_Null_IsNothing()
    {
        Assert.Equal(default, ObjectSizer.Measure(null));
        Assert.Equal(default, ObjectSizer.For<string?>().Measure(null));
        Assert.Equal(default, ObjectSizer.For<object?>().Measure(null));
        Assert.Equal(default, ObjectSizer.For<int?>().Measure(null));
        Assert.Equal(default, ObjectSizer.For<(string?, object?)>().Measure(default));
    }

    [Fact]
    public void For_StructWithoutReferences_IsNothingBeyondItsSlot()
    {
        Assert.Equal(default, ObjectSizer.For<int>().Measure(5));
        Assert.Equal(default, ObjectSizer.For<Guid>().Measure(Guid.NewGuid()));
        Assert.Equal(default, ObjectSizer.For<(long, DateTime?)>().Measure((1, DateTime.UnixEpoch)));
    }

    [Fact]
    public void For_StructWithReferences_IsWhatItRefersTo()
    {
        string text = new('x', 10);
        int[] numbers = [1, 2, 3];
        long expected = ObjectSizer.Measure(text).Bytes + ObjectSizer.Measure(numbers).Bytes;

        Assert.Equal(new SizeResult(expected, 2, SizeQuality.Exact), ObjectSizer.For<(string, int, int[])>().Measure((text, 7, numbers)));
        Assert.Equal(new SizeResult(ObjectSizer.Measure(text).Bytes, 1, SizeQuality.Exact), ObjectSizer.For<(string, string)>().Measure((text, text)));
        Assert.Equal(ObjectSizer.Measure(numbers), ObjectSizer.For<Memory<int>>().Measure(numbers.AsMemory(2)));
        Assert.Equal(ObjectSizer.Measure(text), ObjectSizer.For<(string?, int)?>().Measure((text, 1)));
    }

    [Fact]
    public void For_StructWithReferences_LeavesNothingBehind()
    {
        // On a thread of its own: the array of one that the value is copied into belongs to the thread.
        WeakReference? weak = null;
        long second = 0;
        OnNewThread(() =>
        {
            weak = MeasureAndForget();
            GC.Collect();
            second = ObjectSizer.For<(object?, int)>().Measure((null, 1)).Bytes;
        });

        Assert.False(weak!.IsAlive);
        Assert.Equal(0, second);

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
        static WeakReference MeasureAndForget()
        {
            var o = new object();
            Assert.Equal(ObjectBytes, ObjectSizer.For<(object?, int)>().Measure((o, 1)).Bytes);
            return new WeakReference(o);
        }
    }

    [Fact]
    public void For_RuntimeTypeOtherThanDeclared_IsMeasuredAsItIs()
    {
        Sizer<object> sizer = ObjectSizer.For<object>();
        foreach (object value in new object[] { new string('s', 3), new byte[77], new object(), 5, new List<string> { new('a', 3) }, new int[2, 2], (1, new string('t', 2)) })
            Assert.Equal(ObjectSizer.Measure(value), sizer.Measure(value));
        Assert.Equal(ObjectSizer.Measure(new List<int>(5)), ObjectSizer.For<IEnumerable<int>>().Measure(new List<int>(5)));
        Assert.Equal(ObjectSizer.Measure(new int[5]), ObjectSizer.For<Array>().Measure(new int[5]));
        Assert.Equal(ObjectSizer.Measure(new uint[5]), ObjectSizer.For<int[]>().Measure((int[])(object)new uint[5]));
    }

    [Fact]
    public void Measure_SameObjectTwice_IsCountedOnce()
    {
        var shared = new byte[1000];
        long expected = HeapLayout.ArrayBytes<object>(2) + HeapLayout.ArrayBytes<byte>(1000);

        Assert.Equal(new SizeResult(expected, 2, SizeQuality.Exact), ObjectSizer.Measure(new object[] { shared, shared }));

        // By the short way for few references that lead no further, too.
        Assert.Equal(
            HeapLayout.InstanceBytes<Three>() + HeapLayout.ArrayBytes<byte>(1000) + ObjectBytes,
            ObjectSizer.Measure(new Three(shared, shared, new object())).Bytes);
    }

    [Fact]
    public void Measure_Cycles_EndAndCountOnce()
    {
        var self = new Node();
        self.Next = self;
        Assert.Equal(HeapLayout.InstanceBytes<Node>(), ObjectSizer.Measure(self).Bytes);

        Node ring = NewChain(1000, out Node last);
        last.Next = ring;
        Assert.Equal(new SizeResult(1000 * HeapLayout.InstanceBytes<Node>(), 1000, SizeQuality.Exact), ObjectSizer.Measure(ring));
    }

    [Fact]
    public void Measure_MillionNodes_NeedsNoStack()
    {
        Node chain = NewChain(1_000_000, out _);
        SizeResult result = default;
        OnNewThread(() => result = ObjectSizer.Measure(chain, new SizerOptions { MaxObjects = 1_000_000 }), stackBytes: 256 * 1024);

        Assert.Equal(1_000_000 * HeapLayout.InstanceBytes<Node>(), result.Bytes);
        Assert.Equal(1_000_000, result.Objects);
    }

    [Fact]
    public void Measure_FrozenObjects_CostNothing()
    {
        Assert.Equal(int.MaxValue, GC.GetGeneration("a literal"));
        Assert.Equal(default, ObjectSizer.Measure("a literal"));
        Assert.Equal(default, ObjectSizer.Measure(typeof(ObjectSizerTests)));
        Assert.Equal(HeapLayout.InstanceBytes<Three>(), ObjectSizer.Measure(new Three("a", "b", null)).Bytes);
        Assert.Equal(HeapLayout.ArrayBytes<object>(2), ObjectSizer.Measure(new object[] { "a", "b" }).Bytes);
    }

    [Fact]
    public void Measure_LongArrayOfTexts_IsAnUpperBound()
    {
        string[] distinct = [.. Enumerable.Range(0, 200).Select(i => $"text {i:D5}")];
        long texts = distinct.Sum(text => ObjectSizer.Measure(text).Bytes);
        Assert.Equal(new SizeResult(HeapLayout.ArrayBytes<string>(200) + texts, 201, SizeQuality.UpperBound), ObjectSizer.Measure(distinct));

        string[] repeated = [.. Enumerable.Repeat(distinct[0], 200)];
        SizeResult result = ObjectSizer.Measure(repeated);
        Assert.Equal(SizeQuality.UpperBound, result.Quality);
        Assert.True(result.Bytes >= HeapLayout.ArrayBytes<string>(200) + ObjectSizer.Measure(distinct[0]).Bytes);
    }

    [Fact]
    public void Measure_ShortArrayOfTexts_IsExact()
    {
        string text = new('x', 10);
        Assert.Equal(new SizeResult(HeapLayout.ArrayBytes<string>(31) + ObjectSizer.Measure(text).Bytes, 2, SizeQuality.Exact), ObjectSizer.Measure(Enumerable.Repeat(text, 31).ToArray()));
    }

    [Fact]
    public void Measure_ColumnOfFewDistinctTexts_CountsThemNearlyOnce()
    {
        string[] symbols = [.. Enumerable.Range(0, 20).Select(i => $"SYMBOL {i}")];
        string[] column = [.. Enumerable.Range(0, 40_000).Select(i => symbols[i % symbols.Length])];
        long truth = HeapLayout.ArrayBytes<string>(40_000) + symbols.Sum(text => ObjectSizer.Measure(text).Bytes);

        // Five of the twenty may want the same four places; half of them never.
        Assert.InRange(ObjectSizer.Measure(column).Bytes, truth, HeapLayout.ArrayBytes<string>(40_000) + (40_000 * 48 / 2));

        // Four always find a place; a collection of another test may come in between, but not every time.
        string[] four = [.. column.Select((_, i) => symbols[i % 4])];
        Assert.Equal(
            HeapLayout.ArrayBytes<string>(40_000) + symbols[..4].Sum(text => ObjectSizer.Measure(text).Bytes),
            Enumerable.Range(0, 10).Min(_ => ObjectSizer.Measure(four).Bytes));
        Assert.Equal(HeapLayout.ArrayBytes<string>(5000), ObjectSizer.Measure(new string[5000]).Bytes);

        // One measurement's memory is not the next one's.
        string[] same = [.. Enumerable.Repeat(symbols[0], 2000)];
        Assert.Equal(HeapLayout.ArrayBytes<string>(2000) + ObjectSizer.Measure(symbols[0]).Bytes, ObjectSizer.Measure(same).Bytes);
        Assert.Equal(HeapLayout.ArrayBytes<string>(2000) + ObjectSizer.Measure(symbols[0]).Bytes, ObjectSizer.Measure(same).Bytes);
    }

    [Fact]
    public void Measure_ArraysOfLeaves_AreSummedOnlyIfTheirTypeSaysSo()
    {
        // Sealed and without references: summed. Open to subclasses, or with references: walked.
        Assert.Equal(SizeQuality.UpperBound, ObjectSizer.Measure(Enumerable.Range(0, 50).Select(_ => new double[3]).ToArray()).Quality);
        Assert.Equal(SizeQuality.UpperBound, ObjectSizer.Measure(Enumerable.Range(0, 50).Select(_ => new SealedLeaf()).ToArray()).Quality);
        Assert.Equal(SizeQuality.Exact, ObjectSizer.Measure(Enumerable.Range(0, 50).Select(_ => new OpenLeaf()).ToArray()).Quality);
        OpenLeaf[] mixed = [.. Enumerable.Range(0, 50).Select(_ => new LeafWithMore { More = new byte[100] })];
        Assert.Equal(
            HeapLayout.ArrayBytes<object>(50) + (50 * (HeapLayout.InstanceBytes<LeafWithMore>() + HeapLayout.ArrayBytes<byte>(100))),
            ObjectSizer.Measure(mixed).Bytes);
        Assert.Equal(
            HeapLayout.ArrayBytes<object>(50) + (50 * (HeapLayout.ArrayBytes<object>(1) + ObjectBytes)),
            ObjectSizer.Measure(Enumerable.Range(0, 50).Select(_ => new object[] { new() }).ToArray()).Bytes);
    }

    [Fact]
    public void Measure_TypesMetByManyThreadsAtOnce_AreAllRight()
    {
        // Fresh types, so that the table of shapes is written and grows while it is read.
        Type[] types = [.. Enumerable.Range(1, 8).SelectMany(rank => new[] { typeof(int), typeof(string), typeof(Guid), typeof(SealedLeaf), typeof(long), typeof(object), typeof(Node) }
            .SelectMany(a => new[] { typeof(byte), typeof(string), typeof(decimal), typeof(OpenLeaf) }
                .Select(b => typeof(SealedHolder<>).MakeGenericType(typeof(ValueTuple<,>).MakeGenericType(a, b).MakeArrayType(rank)))))];
        var wrong = new ConcurrentQueue<string>();
        Threaded.Run(4, _ =>
        {
            foreach (Type type in types)
            {
                object value = Activator.CreateInstance(type, new object[] { null! })!;
                SizeResult result = ObjectSizer.Measure(value);
                if (result != new SizeResult(24, 1, SizeQuality.Exact))
                    wrong.Enqueue($"{type}: {result}");
            }
        });

        Assert.Empty(wrong);
        Assert.Equal(8 * 7 * 4, types.Length);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(int.MinValue)]
    [InlineData(SizerOptions.GreatestMaxObjects + 1)]
    public void For_MaxObjectsOutOfRange_NamesOptionValueAndRange(int max)
    {
        var options = new SizerOptions { MaxObjects = max };
        foreach (Action use in new Action[] { () => ObjectSizer.For<object>(options), () => ObjectSizer.For<int>(options), () => ObjectSizer.Measure("", options) })
        {
            ArgumentOutOfRangeException e = Assert.Throws<ArgumentOutOfRangeException>("options", use);
            Assert.Contains("SizerOptions.MaxObjects", e.Message, StringComparison.Ordinal);
            Assert.Contains("1 to 100000000", e.Message, StringComparison.Ordinal);
            Assert.Equal(max, e.ActualValue);
        }
    }

    [Fact]
    public void For_OptionsChangedLater_HasNoEffect()
    {
        var options = new SizerOptions { MaxObjects = 5 };
        Sizer<Node> sizer = ObjectSizer.For<Node>(options);
        options.MaxObjects = 100;

        Assert.Equal(SizeQuality.CapHit, sizer.Measure(NewChain(10, out _)).Quality);
        Assert.Equal(10_000, new SizerOptions().MaxObjects);
    }

    internal static void OnNewThread(Action work, int stackBytes = 0)
    {
        Exception? failure = null;
        var thread = new Thread(
            () =>
            {
                try
                {
                    work();
                }
                catch (Exception e)
                {
                    failure = e;
                }
            },
            stackBytes);
        thread.Start();
        thread.Join();
        if (failure is not null)
            throw new InvalidOperationException("The thread failed.", failure);
    }

    internal static Node NewChain(int length, out Node last)
    {
        var first = new Node();
        last = first;
        for (int i = 1; i < length; i++)
            last = last.Next = new Node();
        return first;
    }

    internal sealed class Node
    {
        public Node? Next;
    }

    private sealed record Three(object? A, object? B, object? C);

    internal sealed class SealedLeaf
    {
        public long Number = 1;
    }

    private class OpenLeaf
    {
        public long Number = 1;
    }

    private sealed class LeafWithMore : OpenLeaf
    {
        public byte[]? More;
    }

    internal sealed class SealedHolder<T>(T? value)
    {
        public T? Value = value;
    }
}
