using System.Diagnostics;
using System.Globalization;

namespace BoundedMemory.TestHost;

/// <summary>Nanoseconds and allocated bytes per measurement; for a person to read, asserts nothing.</summary>
internal static class SizingBench
{
    private static readonly string[] Symbols = [.. Enumerable.Range(0, 20).Select(i => $"SYM{i}")];

    private static long _sink;

    public static int Run()
    {
        long start = Stopwatch.GetTimestamp();
        bool known = HeapLayout.IsKnown;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"self-test {Stopwatch.GetElapsedTime(start).TotalMilliseconds:F2} ms, heap layout known: {known}"));
        start = Stopwatch.GetTimestamp();
        SizeResult first = ObjectSizer.Measure(new object());
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"first measurement {Stopwatch.GetElapsedTime(start).TotalMilliseconds:F2} ms, {first.Bytes} bytes"));
        SizingPayloads.Order order = SizingPayloads.NewOrder(0);
        start = Stopwatch.GetTimestamp();
        _ = ObjectSizer.Measure(order);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"first order, some ten new types {Stopwatch.GetElapsedTime(start).TotalMilliseconds:F2} ms"));

        Time("string(20)", new string('s', 20));
        Time("byte[1000]", new byte[1000]);
        Time("double[1000000]", new double[1_000_000]);
        Time("SmallRec", SizingPayloads.NewSmallRec(1));
        Time("List<int>(100)", Enumerable.Range(0, 100).ToList());
        Time("Order, 17 objects", SizingPayloads.NewOrder(1));
        Time("List<string>(100)", Enumerable.Range(0, 100).Select(i => $"text {i}").ToList());
        Time("List<string>(20), walked", Enumerable.Range(0, 20).Select(i => $"text {i}").ToList());
        Time("string[100000], swept", Enumerable.Range(0, 100_000).Select(i => $"text {i}").ToArray());
        Time("string[100000], 20 distinct", Enumerable.Range(0, 100_000).Select(i => Symbols[i % Symbols.Length]).ToArray());
        Time("Frame 20x100", SizingPayloads.NewFrame(20, 100));
        Time("Dictionary<string,int>(100)", Enumerable.Range(0, 100).ToDictionary(i => $"key {i}"));
        Time("Dictionary<string,SmallRec>(1000)", Enumerable.Range(0, 1000).ToDictionary(i => $"key {i}", SizingPayloads.NewSmallRec));
        Time("List<SmallRec>(1000)", Enumerable.Range(0, 1000).Select(SizingPayloads.NewSmallRec).ToList());
        Time("ring of 10000", SizingPayloads.NewRing(10_000), 100_000);
        Time("list of 1000000 nodes", SizingPayloads.NewChain(1_000_000), 2_000_000);
        Time("JsonDocument", System.Text.Json.JsonDocument.Parse(SizingPayloads.JsonText(1)));
        Time("struct with references", ("text" + _sink, 5, new byte[20]));
        Console.WriteLine($"slots kept by a thread: {GraphWalker.KeptSlots}");
        return _sink == 42 ? 1 : 0;
    }

    /// <summary>Without calls for the first time, after which the compiler looks at what has been called often.</summary>
    private static readonly TimeSpan TierUpPause = TimeSpan.FromMilliseconds(100);

    private static void Time<T>(string name, T value, int maxObjects = SizerOptions.DefaultMaxObjects)
    {
        Sizer<T> sizer = ObjectSizer.For<T>(new SizerOptions { MaxObjects = maxObjects });
        SizeResult size = sizer.Measure(value);

        // Until the compiler has looked at everything twice; then as often as fills 20 ms.
        int calls = 0;
        for (int batch = 1; batch <= 8; batch++)
        {
            long batchEnds = Stopwatch.GetTimestamp() + (Stopwatch.Frequency / 20);
            for (; calls < 64 || Stopwatch.GetTimestamp() < batchEnds; calls++)
                Loop(sizer, value, 1);
            Task.Delay(TierUpPause).GetAwaiter().GetResult();
        }

        long start = Stopwatch.GetTimestamp();
        Loop(sizer, value, 10);
        int loops = (int)Math.Clamp(200_000_000 / Stopwatch.GetElapsedTime(start).TotalNanoseconds, 1, 1_000_000);
        double best = double.MaxValue;
        long allocated = 0;
        for (int i = 0; i < 15; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            start = Stopwatch.GetTimestamp();
            Loop(sizer, value, loops);
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalNanoseconds / loops);
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{name,-36} {best,12:F1} ns  {size.Objects,8} objects  {best / Math.Max(1, size.Objects),7:F1} ns/object  {size.Bytes,10} bytes  {size.Quality,-10}  {(double)allocated / loops:F1} B allocated"));
    }

    private static void Loop<T>(Sizer<T> sizer, T value, int loops)
    {
        long sum = 0;
        for (int i = 0; i < loops; i++)
            sum += sizer.Measure(value).Bytes;
        _sink += sum;
    }
}
