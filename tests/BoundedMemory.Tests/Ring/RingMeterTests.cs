using System.Runtime.CompilerServices;
using BoundedMemory.Tests.Support;

namespace BoundedMemory.Tests.Ring;

public class RingMeterTests
{
    private const string Prefix = "bounded_memory.ring.";

    private static readonly string[] Instruments =
    [
        "additions {item} ObservableCounter", "drops {item} ObservableCounter", "rejections {item} ObservableCounter",
        "callback.failures {failure} ObservableCounter", "archive.writes {item} ObservableCounter", "archive.refusals {item} ObservableCounter",
        "archive.failures {failure} ObservableCounter", "archive.backlog {item} ObservableUpDownCounter", "item.count {item} ObservableUpDownCounter",
        "item.limit {item} ObservableUpDownCounter", "usage By ObservableUpDownCounter", "limit By ObservableUpDownCounter",
    ];

    [Fact]
    public void Instruments_OfTheMeter_AreThoseThatAreDocumented()
    {
        using var meters = new OwnMeters();
        using var ring = new RingBuffer<int>(new() { MaxCount = 1, MeterFactory = meters.Factory });
        using var reading = new MeterReading(meters.Factory);
        reading.RequireInstruments(Prefix, Instruments);
    }

    [Fact]
    public async Task Values_AfterAHistory_AreThoseOfTheStatistics()
    {
        using var meters = new OwnMeters();
        using var reading = new MeterReading(meters.Factory);
        using ConcurrentRingBuffer<byte[]> ring = await CreateUsed(meters);
        RingStatistics s = ring.Statistics;
        var expected = new Dictionary<string, double>
        {
            ["additions{ring.name=r}"] = s.Added,
            ["drops{ring.name=r,cause=evicted}"] = s.Evicted,
            ["drops{ring.name=r,cause=trimmed}"] = s.Trimmed,
            ["drops{ring.name=r,cause=cleared}"] = s.Cleared,
            ["drops{ring.name=r,cause=disposed}"] = 0,
            ["rejections{ring.name=r,reason=too_large}"] = s.RejectedTooLarge,
            ["rejections{ring.name=r,reason=over_budget}"] = s.RejectedOverBudget,
            ["rejections{ring.name=r,reason=size_unknown}"] = s.RejectedSizeUnknown,
            ["callback.failures{ring.name=r}"] = s.CallbackFailures,
            ["archive.writes{ring.name=r}"] = s.Archived,
            ["archive.refusals{ring.name=r}"] = s.ArchiveRefused,
            ["archive.failures{ring.name=r}"] = s.ArchiveFailures,
            ["archive.backlog{ring.name=r}"] = s.Backlog,
            ["item.count{ring.name=r}"] = s.Count,
            ["item.limit{ring.name=r}"] = 20,
            ["usage{ring.name=r}"] = s.Bytes,
            ["limit{ring.name=r}"] = 50_000,
        };
        reading.RequireValues(Prefix, expected);
        double[] mustNotBeZero = [s.Evicted, s.Trimmed, s.Cleared, s.RejectedTooLarge, s.CallbackFailures, s.Archived, s.ArchiveRefused, s.ArchiveFailures, s.Backlog, s.Count, s.Bytes];
        Assert.All(mustNotBeZero, value => Assert.NotEqual(0, value));
    }

    [Fact]
    public void RingsThatAreGone_AreNotReported()
    {
        using var meters = new OwnMeters();
        using var reading = new MeterReading(meters.Factory);
        Drop(meters);
        using var disposed = new RingBuffer<int>(new() { Name = "disposed", MaxCount = 1, MeterFactory = meters.Factory });
        disposed.Dispose();
        GC.Collect();
        Assert.Empty(reading.Read());

        [MethodImpl(MethodImplOptions.NoInlining)]
        static void Drop(OwnMeters meters) => new RingBuffer<int>(new() { Name = "dropped", MaxCount = 1, MeterFactory = meters.Factory }).Add(1);
    }

    private static async Task<ConcurrentRingBuffer<byte[]>> CreateUsed(OwnMeters meters)
    {
        var archive = new RecordingArchive<byte[]> { Refuses = item => item.Length == 7 };
        var ring = new ConcurrentRingBuffer<byte[]>(new()
        {
            Name = "r",
            MaxCount = 20,
            MaxBytes = 50_000,
            Archive = archive,
            ArchiveAbove = 10,
            KeepInMemory = 5,
            TimeProvider = new ManualTimeProvider(),
            MeterFactory = meters.Factory,
            Evicted = (_, _) => throw new InvalidOperationException(),
        });
        ring.AddRange([[], new byte[7]]);
        ring.Spill();
        await ring.FlushArchiveAsync().Soon();
        ring.Add(new byte[50_000]);
        ring.Add([]);
        ring.Clear();
        archive.Fault = new IOException();
        for (int i = 0; i < 50; i++)
        {
            ring.Add(new byte[10]);
        }

        Patience.Until(() => ring.Statistics.ArchiveFault is not null);
        ring.Trim(100);
        return ring;
    }
}
