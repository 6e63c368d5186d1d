using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace BoundedMemory.TestHost;

/// <summary>
/// Compares the sum of measurements with what the heap grew by, for many instances of many kinds of values. Argument: instances in percent of
/// the long form, 100 by default.
/// </summary>
internal static class SizingTruth
{
    private const double GreatestError = 0.005;

    /// <summary>The heap is counted in allocation quanta; a kind must be much larger than a few of them to be compared.</summary>
    private const long LeastBytes = 2_500_000;

    private static readonly (string Name, int Count, Func<int, object> Make)[] Kinds =
    [
        ("warm-up", 20_000, i => $"string number {i}"),
        ("string", 100_000, i => $"string number {i}"),
        ("byte[]", 50_000, i => new byte[100 + (i % 50)]),
        ("SmallRec", 50_000, i => SizingPayloads.NewSmallRec(i)),
        ("List<int>", 50_000, i => new List<int>(Enumerable.Range(i, 10 + (i % 7)))),
        ("List<string>(20)", 10_000, i => Enumerable.Range(0, 20).Select(n => $"text {i} {n}").ToList()),
        ("List<string>(50), swept", 10_000, i => Enumerable.Range(0, 50).Select(n => $"text {i} {n}").ToList()),
        ("Dictionary<string,int>", 10_000, i => Enumerable.Range(0, 10).ToDictionary(n => $"key {i} {n}")),
        ("Dictionary<string,SmallRec>", 10_000, i => Enumerable.Range(0, 10).ToDictionary(n => $"key {i} {n}", SizingPayloads.NewSmallRec)),
        ("Dictionary, ignoring case", 10_000, i => new Dictionary<string, object>(StringComparer.OrdinalIgnoreCase) { [$"k{i}"] = new object() }),
        ("SortedDictionary<string,int>", 10_000, i => new SortedDictionary<string, int>(Enumerable.Range(0, 10).ToDictionary(n => $"key {i} {n}"))),
        ("SortedDictionary<int,string>", 10_000, i => new SortedDictionary<int, string>(Enumerable.Range(0, 10).ToDictionary(n => n, n => $"v{i} {n}"))),
        ("HashSet<string>", 10_000, i => Enumerable.Range(0, 10).Select(n => $"key {i} {n}").ToHashSet()),
        ("HashSet<int>", 20_000, i => Enumerable.Range(i, 20).ToHashSet()),
        ("LinkedList<int>", 10_000, i => new LinkedList<int>(Enumerable.Range(i, 10))),
        ("ConcurrentDictionary<int,string>", 10_000, i => new ConcurrentDictionary<int, string>(1, 7) { [i] = $"value {i}" }),
        ("ConcurrentDictionary<string,int>", 10_000, i => new ConcurrentDictionary<string, int>(1, 7) { [$"key {i}"] = i }),
        ("Order", 10_000, i => SizingPayloads.NewOrder(i)),
        ("Frame 5x20", 10_000, _ => SizingPayloads.NewFrame(5, 20)),
        ("JsonDocument", 10_000, i => JsonDocument.Parse(Encoding.UTF8.GetBytes(SizingPayloads.JsonText(i)))),
        ("JsonNode", 10_000, i => Materialized(JsonNode.Parse(SizingPayloads.JsonText(i))!)),
        ("closure", 50_000, i => Closure(i, $"captured {i}")),
        ("Task<string>", 50_000, i => Task.FromResult($"result {i}")),
        ("Task of an async method", 20_000, Asynchronous),
        ("Lazy<string>", 50_000, i => Evaluated(new Lazy<string>(() => $"lazy {i}"))),
        ("StringBuilder", 10_000, i => new StringBuilder().Append('x', 10 + (i % 100)).Append("text").Append(i)),
        ("struct[] with references", 10_000, i => Enumerable.Range(0, 10).Select(n => ($"a {i} {n}", n, new int[n])).ToArray()),
        ("object[,]", 20_000, i => new object?[,] { { $"a{i}", null, (double)i }, { i, new object(), new[] { i } } }),
        ("boxed struct", 50_000, i => new KeyValuePair<string, Memory<byte>>($"key {i}", new byte[30].AsMemory(3))),
        ("Queue<Guid>", 50_000, _ => new Queue<Guid>([Guid.Empty, Guid.Empty])),
    ];

    /// <summary>How values of each kind are made; equal numbers make equal values.</summary>
    public static IEnumerable<(string Name, Func<int, object> Make)> Values => Kinds.Skip(1).Select(kind => (kind.Name, kind.Make));

    public static int Run(int percent)
    {
        bool holds = true;
        foreach ((string name, int count, Func<int, object> make) in Kinds)
            holds &= Compare(name, Math.Max(1, (int)((long)count * percent / 100)), make) || name == "warm-up";
        return holds ? 0 : 1;
    }

    private static bool Compare(string name, int count, Func<int, object> make)
    {
        // The first instances load types and fill pools.
        for (int i = 0; i < 20; i++)
            _ = ObjectSizer.Measure(make(i)).Bytes;

        object?[] values = new object?[count];
        long before = Heap.Bytes();
        for (int i = 0; i < count; i++)
            values[i] = make(i);
        long truth = Heap.Bytes() - before;

        long claimed = 0;
        SizeQuality quality = SizeQuality.Exact;
        foreach (object? value in values)
        {
            SizeResult size = ObjectSizer.Measure(value);
            claimed += size.Bytes;
            quality = size.Quality > quality ? size.Quality : quality;
        }

        JointSize joint = ObjectSizer.MeasureTogether<object?>(values);
        GC.KeepAlive(values);
        double error = ((double)claimed / truth) - 1;
        double jointError = ((double)joint.UnionBytes / truth) - 1;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"truth;{name};{count};{truth};{claimed};{error * 100:F3};{jointError * 100:F3};{quality};{(double)truth / count:F1}"));
        return truth >= LeastBytes && Math.Abs(error) <= GreatestError && Math.Abs(jointError) <= GreatestError;
    }

    private static Func<string> Closure(int number, string text) => () => text + number.ToString(CultureInfo.InvariantCulture);

    /// <summary>The task of a method that was suspended once.</summary>
    private static Task<string> Asynchronous(int i)
    {
        var gate = new TaskCompletionSource();
        Task<string> task = WaitFor(gate.Task, i);
        gate.SetResult();
        return task;
    }

    private static async Task<string> WaitFor(Task gate, int i)
    {
        string local = $"local {i}";
        await gate;
        return local + "!";
    }

    private static Lazy<string> Evaluated(Lazy<string> lazy)
    {
        _ = lazy.Value;
        return lazy;
    }

    private static JsonNode Materialized(JsonNode node)
    {
        _ = node["nested"]!["x"];
        return node;
    }
}
