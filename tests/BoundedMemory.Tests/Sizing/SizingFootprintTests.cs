using System.Runtime.CompilerServices;

namespace BoundedMemory.Tests.Sizing;

/// <summary>What measuring costs and leaves behind: nothing.</summary>
public unsafe class SizingFootprintTests
{
    public static TheoryData<string> Kinds => [.. Values.Keys];

    private static readonly Dictionary<string, object> Values = new()
    {
        ["string"] = new string('x', 50),
        ["byte[]"] = new byte[500],
        ["List<int>"] = new List<int>(100),
        ["record"] = new Rec(new string('a', 3), 1, new string('b', 3)),
        ["dictionary"] = Enumerable.Range(0, 50).ToDictionary(i => $"key {i}"),
        ["texts, walked"] = Enumerable.Range(0, 20).Select(i => $"text {i}").ToList(),
        ["texts, summed"] = Enumerable.Range(0, 3000).Select(i => $"text {i}").ToList(),
        ["nested arrays"] = Enumerable.Range(0, 10).Select(_ => new object[] { new double[3], new List<string> { new('q', 2) } }).ToArray(),
        ["marked fields"] = new Marked { NotMine = new object(), Mine = new object[] { new() } },
        ["boundary"] = new object[] { Thread.CurrentThread, typeof(string), StringComparer.Ordinal },
        ["wide: more children than the work list holds"] = Enumerable.Range(0, 300).Select(_ => new object[1]).ToArray(),
        ["chain of 300"] = ObjectSizerTests.NewChain(300, out _),
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Measure_AgainAndAgain_AllocatesNothing(string kind)
    {
        Sizer<object> sizer = ObjectSizer.For<object>();
        object value = Values[kind];
        Assert.Equal(0, LeastAllocation(() => sizer.Measure(value)));
    }

    [Fact]
    public void Measure_StructsAgainAndAgain_AllocatesNothing()
    {
        Sizer<(string, int, object)> sizer = ObjectSizer.For<(string, int, object)>();
        (string, int, object) value = (new string('x', 5), 1, new object[] { new() });
        Assert.Equal(0, LeastAllocation(() => sizer.Measure(value)));

        Sizer<Guid> inline = ObjectSizer.For<Guid>();
        Assert.Equal(0, LeastAllocation(() => inline.Measure(Guid.Empty)));
        Sizer<string> user = Sizer.Create<string>(text => text.Length);
        Assert.Equal(0, LeastAllocation(() => user.Measure("text")));
    }

    [Fact]
    public void Measure_LargeGraph_ScratchIsGivenBack()
    {
        // On a thread of its own, whose scratch nobody else touches.
        ObjectSizerTests.Node chain = ObjectSizerTests.NewChain(100_000, out _);
        int slots = 0;
        bool spareBefore = false;
        bool spareAfter = true;
        ObjectSizerTests.OnNewThread(() =>
        {
            Assert.Equal(0, GraphWalker.SlotsKeptByThisThread);
            Assert.Equal(100_000, ObjectSizer.Measure(chain, new SizerOptions { MaxObjects = 200_000 }).Objects);
            spareBefore = GraphWalker.HasSpareOnThisThread;
            slots = GraphWalker.SlotsKeptByThisThread;
            GC.Collect();
            GC.Collect();
            spareAfter = GraphWalker.HasSpareOnThisThread;
        });

        Assert.InRange(slots, 1, 1024);
        Assert.Equal(GraphWalker.KeptSlots, slots);
        Assert.False(spareAfter, $"The large table outlived a collection; it was {(spareBefore ? "" : "not ")}there before.");
    }

    [Fact]
    public void Measure_ObjectWithManyReferences_WorkListIsGivenBack()
    {
        var many = new Many();
        for (int i = 0; i < 300; i++)
            many.References[i] = new object[1];
        int slots = 0;
        ObjectSizerTests.OnNewThread(() =>
        {
            Assert.Equal(301, ObjectSizer.Measure(many).Objects);
            slots = GraphWalker.SlotsKeptByThisThread;
        });
        Assert.Equal(GraphWalker.KeptSlots, slots);
    }

    [Fact]
    public void Measure_Finished_HoldsOnToNothing()
    {
        WeakReference[]? weak = null;
        ObjectSizerTests.OnNewThread(() =>
        {
            weak = MeasureAndForget();
            GC.Collect();
            Assert.All(weak, one => Assert.False(one.IsAlive));
        });
        Assert.Equal(4, weak!.Length);

        [MethodImpl(MethodImplOptions.NoInlining)]
        static WeakReference[] MeasureAndForget()
        {
            object[] values =
            [
                new object[] { new object[] { new() } },
                Enumerable.Range(0, 200).Select(_ => new object[] { new() }).ToArray(),
                Enumerable.Range(0, 2000).Select(i => $"text {i}").ToArray(),
                ObjectSizerTests.NewChain(5000, out _),
            ];
            foreach (object value in values)
            {
                Assert.True(ObjectSizer.Measure(value).Bytes > 0);
                Assert.Equal(SizeQuality.CapHit, ObjectSizer.Measure(new object[] { value, new() }, new SizerOptions { MaxObjects = 2 }).Quality);
            }

            return [.. values.Select(value => new WeakReference(value))];
        }
    }

    [Fact]
    public void Measure_Objects_LeavesTheirHeadersAlone()
    {
        object[] objects = [.. Enumerable.Range(0, 1200).Select(_ => new object[] { new() })];
        uint[] before = [.. objects.Select(HeaderOf)];
        Assert.All(before, header => Assert.Equal(0u, header));

        Assert.Equal(2401, ObjectSizer.Measure(objects).Objects);
        Assert.NotEqual(0, ObjectSizer.MeasureTogether<object?>(objects).SumBytes);
        Assert.Equal(SizeQuality.CapHit, ObjectSizer.Measure(objects, new SizerOptions { MaxObjects = 100 }).Quality);
        Assert.Equal(before, objects.Select(HeaderOf));

        // The header does show a hash code, where somebody asks for one.
        _ = RuntimeHelpers.GetHashCode(objects[0]);
        Assert.NotEqual(before[0], HeaderOf(objects[0]));
    }

    /// <summary>The least of some batches: another test's collection may make one walk repair its table.</summary>
    private static long LeastAllocation(Func<SizeResult> measure)
    {
        long least = long.MaxValue;
        for (int batch = 0; batch < 20; batch++)
        {
            measure();
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 100; i++)
                measure();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }

    private static uint HeaderOf(object o)
    {
        fixed (byte* data = &HeapLayout.At(o, sizeof(nint)))
            return *(uint*)(data - sizeof(nint) - sizeof(uint));
    }

    private sealed record Rec(string A, int B, string C);

    [InlineArray(300)]
    private struct ManyReferences
    {
        private object? _element;
    }

    private sealed class Many
    {
        public ManyReferences References;
    }

    private sealed class Marked
    {
        [NotOwned]
        public object? NotMine;

        public object? Mine;
    }
}
