using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using static BoundedMemory.Tests.Sizing.ObjectSizerTests;

namespace BoundedMemory.Tests.Sizing;

/// <summary>Objects of the framework that others own, that share, or that hide what they hold.</summary>
public class FrameworkObjectsTests
{
    private static readonly long ObjectBytes = HeapLayout.InstanceBytesByAllocation(() => new object());

    [Fact]
    public void Measure_DefaultComparers_CostNothing()
    {
        Assert.Equal(HeapLayout.InstanceBytes<SealedHolder<object>>(), ObjectSizer.Measure(new SealedHolder<object>(StringComparer.Ordinal)).Bytes);
        foreach (object comparer in new object[]
        {
            StringComparer.Ordinal, StringComparer.OrdinalIgnoreCase, StringComparer.InvariantCulture, StringComparer.InvariantCultureIgnoreCase,
            EqualityComparer<string>.Default, EqualityComparer<int>.Default, EqualityComparer<Guid>.Default, EqualityComparer<SealedLeaf>.Default,
            EqualityComparer<DayOfWeek>.Default, Comparer<string>.Default, Comparer<int>.Default, Comparer<int?>.Default,
        })
        {
            Assert.Equal(HeapLayout.ArrayBytes<object>(1), ObjectSizer.Measure(new[] { comparer }).Bytes);
        }

        // One that somebody made is somebody's.
        Assert.NotEqual(HeapLayout.ArrayBytes<object>(1), ObjectSizer.Measure(new object[] { Comparer<int>.Create((a, b) => a - b) }).Bytes);
        Assert.NotEqual(HeapLayout.ArrayBytes<object>(1), ObjectSizer.Measure(new object[] { StringComparer.Create(CultureInfo.InvariantCulture, CompareOptions.IgnoreSymbols) }).Bytes);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("Ordinal")]
    [InlineData("OrdinalIgnoreCase")]
    public void Measure_EmptyCollectionsByText_AreTheirOwnBytesOnly(string? comparerName)
    {
        StringComparer? comparer = (StringComparer?)(comparerName is null ? null : typeof(StringComparer).GetProperty(comparerName)!.GetValue(null));
        Assert.Equal(HeapLayout.InstanceBytesByAllocation(() => new Dictionary<string, int>()), ObjectSizer.Measure(new Dictionary<string, int>(comparer)).Bytes);
        Assert.Equal(HeapLayout.InstanceBytesByAllocation(() => new HashSet<string>()), ObjectSizer.Measure(new HashSet<string>(comparer)).Bytes);

        // This one also makes its tables, and asks a list of primes for their length.
        Assert.Equal(
            HeapLayout.InstanceBytesByAllocation(() => new ConcurrentDictionary<int, int>(1, 1)),
            ObjectSizer.Measure(new ConcurrentDictionary<string, int>(1, 1, comparer)).Bytes);
    }

    [Fact]
    public void Measure_CompletedTask_DoesNotPayForTheRuntimesSentinel()
    {
        string result = new('r', 10);
        var source = new TaskCompletionSource<string>();
        Task<string> task = source.Task;
        source.SetResult(result);

        Assert.Equal(ObjectSizer.Measure(Task.FromResult(result)).Bytes, ObjectSizer.Measure(task).Bytes);
    }

    [Fact]
    public void Measure_ThingsOthersOwn_CostNothingWhenReferredTo()
    {
        foreach (object foreign in new object[]
        {
            typeof(int).GetMethod("Parse", [typeof(string)])!, typeof(ObjectSizerTests).Assembly, typeof(ObjectSizerTests).Module, Thread.CurrentThread,
            CultureInfo.GetCultureInfo(""), Encoding.Latin1, TimeZoneInfo.Utc, new Services(), JsonSerializerOptions.Default, new System.Text.RegularExpressions.Regex("a+b"),
        })
        {
            Assert.Equal(new SizeResult(HeapLayout.ArrayBytes<object>(1), 1, SizeQuality.Exact), ObjectSizer.Measure(new[] { foreign }));
        }
    }

    [Fact]
    public void Measure_ThingsOthersOwnAsTheValueItself_AreMeasured()
    {
        // A cache of regular expressions must not believe that they cost nothing.
        Assert.True(ObjectSizer.Measure(new System.Text.RegularExpressions.Regex("a+b")).Objects > 5);
        Assert.True(ObjectSizer.Measure(new Services { Payload = new byte[5000] }).Bytes > 5000);

        // Reflection leads to everything: its own bytes only.
        Assert.Equal(1, ObjectSizer.Measure(typeof(int).GetMethod("Parse", [typeof(string)])!).Objects);
    }

    [Fact]
    public void Measure_HandlesAndTokenSources_AreTheirOwnBytesOnly()
    {
        using var source = new CancellationTokenSource();
        using CancellationTokenRegistration registration = source.Token.Register(static state => { }, new byte[10_000]);
        Assert.Equal(new SizeResult(HeapLayout.InstanceBytesByAllocation(() => new CancellationTokenSource()), 1, SizeQuality.Exact), ObjectSizer.Measure(source));

        using var handle = new MyHandle { Payload = new byte[10_000] };
        Assert.Equal(new SizeResult(HeapLayout.InstanceBytes<MyHandle>(), 1, SizeQuality.Exact), ObjectSizer.Measure(handle));

        var target = new byte[10_000];
        Assert.Equal(1, ObjectSizer.Measure(new WeakReference(target)).Objects);
        Assert.Equal(1, ObjectSizer.Measure(new WeakReference<byte[]>(target)).Objects);
        GC.KeepAlive(target);
    }

    [Fact]
    public void Measure_StreamsInMemory_IncludeTheirBuffers()
    {
        using var stream = new MemoryStream(new byte[10_000]);
        Assert.True(ObjectSizer.Measure(stream).Bytes > 10_000);
        using var buffered = new BufferedStream(stream, 5000);
        Assert.True(ObjectSizer.Measure(buffered).Bytes > 10_000);
    }

    [Fact]
    public void Measure_Delegates_AreFollowed()
    {
        var captured = new byte[10_000];
        Func<int> closure = () => captured.Length;
        Assert.True(ObjectSizer.Measure(closure).Bytes > 10_000);
        Assert.True(ObjectSizer.Measure(closure + closure).Bytes > 10_000);
        Assert.True(ObjectSizer.Measure(new Lazy<int>(() => captured.Length)).Bytes > 10_000);
    }

    [Fact]
    public void Measure_JsonAndBuilders_AreFollowed()
    {
        string json = $"[{string.Join(",", Enumerable.Range(0, 1000))}]";
        using JsonDocument document = JsonDocument.Parse(json);
        Assert.True(ObjectSizer.Measure(document).Bytes > json.Length);
        Assert.True(ObjectSizer.Measure(JsonNode.Parse(json)).Bytes > json.Length);
        Assert.True(ObjectSizer.Measure(new StringBuilder().Append('x', 50_000)).Bytes > 100_000);
    }

    private sealed class Services : IServiceProvider
    {
        public byte[]? Payload;

        public object? GetService(Type serviceType) => Payload;
    }

    private sealed class MyHandle() : Microsoft.Win32.SafeHandles.SafeHandleZeroOrMinusOneIsInvalid(true)
    {
        public byte[]? Payload;

        protected override bool ReleaseHandle() => Payload is null;
    }
}
