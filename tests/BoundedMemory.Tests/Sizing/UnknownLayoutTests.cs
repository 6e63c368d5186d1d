using BoundedMemory.Tests.Support;
namespace BoundedMemory.Tests.Sizing;

/// <summary>What is left where the self-test fails: no guesses.</summary>
public class UnknownLayoutTests
{
    private const int MaxObjects = 100;

    [Fact]
    public void Choose_GraphsOnUnknownLayout_ThrowsAtOnce()
    {
        Action[] uses =
        [
            () => Choose<object>(),
            () => Choose<List<int>>(),
            () => Choose<string[]>(),
            () => Choose<(string, int)>(),
            () => Choose<(string, int)[]>(),
            () => Choose<Memory<byte>>(),
            () => Choose<IDisposable>(),
            () => Choose<Version>(),
        ];
        Assert.All(uses, use =>
        {
            NotSupportedException e = Assert.Throws<NotSupportedException>(use);
            Assert.Contains("Sizer.Create", e.Message, StringComparison.Ordinal);
            Assert.Contains("IHasSize", e.Message, StringComparison.Ordinal);
        });
        Assert.Contains("List<Int32>", Assert.Throws<NotSupportedException>(() => Choose<List<int>>()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Choose_ValuesOfPublicSizeOnUnknownLayout_MeasuresTheSame()
    {
        AssertSame(new string('x', 0 + 1), new string('x', 2), new string('x', 7), "literal", null);
        AssertSame<byte[]>([], [1], new byte[7], new byte[8], new byte[100_001], null);
        AssertSame<int[]>([1], [1, 2], null);
        AssertSame<decimal[]>([1m, 2m, 3m]);
        AssertSame<Guid[]>([Guid.Empty, Guid.NewGuid()]);
        AssertSame<(byte, long)[]>([(1, 2), (3, 4), (5, 6)]);
        AssertSame(new int[2, 3], new int[0, 5]);
        AssertSame(new byte[2, 3, 4]);
        AssertSame(DayOfWeek.Friday);
        AssertSame((1, 2L), default);
        AssertSame<DayOfWeek[]>([DayOfWeek.Friday]);
    }

    [Fact]
    public void Measure_ObjectsOnUnknownLayout_MeasuresBoxesAndRefusesGraphs()
    {
        foreach (object o in new object[] { 5, 5L, 1.5m, Guid.Empty, (1, (byte)2), DayOfWeek.Friday, new string('a', 5), new double[9], new int[3, 3], Array.CreateInstance(typeof(int), [2], [5]) })
            Assert.Equal(ObjectSizer.Measure(o), ObjectSizer.Measure(o, MaxObjects, layoutIsKnown: false));
        Assert.Equal(default, ObjectSizer.Measure(null, MaxObjects, layoutIsKnown: false));
        foreach (object o in new object[] { new object[1], new List<int>(), (1, "text"), new object() })
            Assert.Contains(o.GetType().Name.Split('`')[0], Assert.Throws<NotSupportedException>(() => ObjectSizer.Measure(o, MaxObjects, layoutIsKnown: false)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Choose_DeclaredSizesOnUnknownLayout_Work()
    {
        Assert.Equal(new SizeResult(70, 1, SizeQuality.Declared), Choose<Declaring>().Measure(new Declaring(70)));
        Assert.Equal(new SizeResult(70, 1, SizeQuality.Declared), Choose<IHasSize>().Measure(new Declaring(70)));
        Assert.Equal(new SizeResult(70 + 24, 1, SizeQuality.Declared), Choose<IHasSize>().Measure(new DeclaringStruct(70)));
        Assert.Equal(new SizeResult(70, 1, SizeQuality.Declared), Choose<DeclaringStruct>().Measure(new DeclaringStruct(70)));
        Assert.Equal(new SizeResult(9, 1, SizeQuality.Declared), Sizer.Create<List<string>>(_ => 9).Measure([]));
    }

    [Fact]
    public async Task For_ProcessThatSwitchesPointerMapsOff_RefusesGraphsAndKeepsLayoutHelpers()
    {
        (int exitCode, string output) = await TestHostProcess.RunAsync("sizing-unknown-layout");

        Assert.True(exitCode == 0, output);
    }

    private static Sizer<T> Choose<T>() => ObjectSizer.Choose<T>(MaxObjects, layoutIsKnown: false);

    private static void AssertSame<T>(params T?[] values)
    {
        foreach (T? value in values)
            Assert.Equal(ObjectSizer.For<T?>().Measure(value), Choose<T?>().Measure(value));
    }

    private sealed class Declaring(long bytes) : IHasSize
    {
        public object Payload = new();

        public long RetainedBytes => bytes;
    }

    private readonly struct DeclaringStruct(long bytes) : IHasSize
    {
        public long RetainedBytes => bytes;
    }
}
