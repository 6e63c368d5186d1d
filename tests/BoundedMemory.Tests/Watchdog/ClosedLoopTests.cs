using System.Globalization;
using BoundedMemory.Comparison;
using BoundedMemory.Tests.Support;

namespace BoundedMemory.Tests.Watchdog;

/// <summary>80 MB/s of inserts into a cache without a bound of its own, in a process that is to stay below 500 MB. The control shows that the workload is one that kills.</summary>
/// <remarks>For how long the process is stopped depends on how fast the machine is just now: the benchmark <c>closed-loop</c> tells, over a minute.</remarks>
[Collection(nameof(ClosedLoop))]
public class ClosedLoopTests
{
    /// <summary>384 MiB are what the collector takes of 512 MiB of memory.</summary>
    private static readonly (string, string) SmallMachine = ("DOTNET_GCTotalPhysicalMemory", "0x20000000");

    private static readonly (string, string) SmallHeap = ("DOTNET_GCHeapHardLimit", "0x1C9C3800");

    private static readonly double Seconds = Stress.TimeOr(20).TotalSeconds;

    [Theory]
    [InlineData(131_072, true, 402_653_184)]
    [InlineData(8_192, false, 480_000_000)]
    public async Task Watchdog_KeepsTheProcessAndTheCache(int entryBytes, bool isSmallMachine, long heapLimit)
    {
        (string, string) limit = isSmallMachine ? SmallMachine : SmallHeap;
        (int _, string control) = await TestHostProcess.RunAsync(Arguments("none", entryBytes), limit);
        LoopResult? without = LoopResult.Find(control);

        // A process that the runtime ended says nothing any more.
        Assert.True(without is null or { Survived: false } or { PeakBytes: > LoopPolicy.Limit }, control);

        (int exitCode, string output) = await TestHostProcess.RunAsync(Arguments("watchdog", entryBytes), limit);
        LoopResult result = LoopResult.Find(output) ?? throw new InvalidOperationException(output);
        Assert.True(exitCode == 0 && result.Survived, output);
        Assert.True(result.PeakBytes <= LoopPolicy.Limit, output);
        Assert.True(result.CacheBytes >= 0.65 * Math.Min(LoopPolicy.Limit, heapLimit), output);
    }

    private static string Arguments(string policy, int entryBytes) => string.Create(CultureInfo.InvariantCulture, $"{LoopRun.Verb} {policy} {entryBytes} {Seconds}");
}

/// <summary>Not beside other tests: the collector needs the processors.</summary>
[CollectionDefinition(nameof(ClosedLoop), DisableParallelization = true)]
public class ClosedLoop;
