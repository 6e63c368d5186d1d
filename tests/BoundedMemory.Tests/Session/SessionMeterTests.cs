using System.Runtime.CompilerServices;
using BoundedMemory.Tests.Support;

namespace BoundedMemory.Tests.Session;

public class SessionMeterTests
{
    private const string Prefix = "bounded_memory.session.";

    private static readonly string[] Instruments =
    [
        "stores {entry} ObservableCounter", "removals {entry} ObservableCounter", "rejections {entry} ObservableCounter", "scope.changes {change} ObservableCounter",
        "creations {session} ObservableCounter", "creation.rejections {session} ObservableCounter", "evictions {session} ObservableCounter",
        "callback.failures {failure} ObservableCounter", "count {session} ObservableUpDownCounter", "count.limit {session} ObservableUpDownCounter",
        "lease.count {lease} ObservableUpDownCounter", "entry.count {entry} ObservableUpDownCounter", "usage By ObservableUpDownCounter", "limit By ObservableUpDownCounter",
        "utilization 1 ObservableGauge",
    ];

    [Fact]
    public void Instruments_OfTheMeter_AreThoseThatAreDocumented()
    {
        using var meters = new OwnMeters();
        using var store = new SessionStore(new() { MaxBytes = 100_000, MeterFactory = meters.Factory });
        using var reading = new MeterReading(meters.Factory);
        reading.RequireInstruments(Prefix, Instruments);
    }

    [Fact]
    public void Values_AfterAHistory_AreThoseOfTheStatistics()
    {
        using var meters = new OwnMeters();
        using var reading = new MeterReading(meters.Factory);
        using SessionStore store = CreateUsed(meters, out SessionLease held);
        SessionStoreStatistics s = store.Statistics;
        var expected = new Dictionary<string, double>
        {
            ["stores{session.name=s}"] = s.Stored,
            ["removals{session.name=s,cause=evicted}"] = s.Evicted,
            ["removals{session.name=s,cause=expired}"] = s.Expired,
            ["removals{session.name=s,cause=trimmed}"] = s.Trimmed,
            ["removals{session.name=s,cause=replaced}"] = s.Replaced,
            ["removals{session.name=s,cause=removed}"] = s.Removed,
            ["removals{session.name=s,cause=cleared}"] = s.Cleared,
            ["removals{session.name=s,cause=disposed}"] = 0,
            ["removals{session.name=s,cause=scope}"] = s.Scope,
            ["rejections{session.name=s,reason=too_large}"] = s.RejectedTooLarge,
            ["rejections{session.name=s,reason=full}"] = s.RejectedFull,
            ["rejections{session.name=s,reason=over_budget}"] = s.RejectedOverBudget,
            ["rejections{session.name=s,reason=size_unknown}"] = s.RejectedSizeUnknown,
            ["scope.changes{session.name=s}"] = s.ScopeChanges,
            ["creations{session.name=s}"] = s.SessionsCreated,
            ["creation.rejections{session.name=s}"] = s.SessionsRejected,
            ["evictions{session.name=s,cause=evicted}"] = s.SessionsEvicted,
            ["evictions{session.name=s,cause=expired}"] = s.SessionsExpired,
            ["evictions{session.name=s,cause=trimmed}"] = s.SessionsTrimmed,
            ["evictions{session.name=s,cause=removed}"] = s.SessionsRemoved,
            ["evictions{session.name=s,cause=cleared}"] = s.SessionsCleared,
            ["evictions{session.name=s,cause=disposed}"] = 0,
            ["callback.failures{session.name=s}"] = s.CallbackFailures,
            ["count{session.name=s}"] = s.Count,
            ["count.limit{session.name=s}"] = 2,
            ["lease.count{session.name=s}"] = s.Leases,
            ["entry.count{session.name=s}"] = s.EntryCount,
            ["usage{session.name=s}"] = s.Bytes,
            ["limit{session.name=s}"] = 100_000,
            ["utilization{session.name=s}"] = s.Utilization,
        };
        reading.RequireValues(Prefix, expected);
        double[] mustNotBeZero =
        [
            s.Evicted, s.Expired, s.Trimmed, s.Replaced, s.Removed, s.Cleared, s.Scope, s.RejectedTooLarge, s.RejectedFull, s.RejectedOverBudget, s.RejectedSizeUnknown, s.ScopeChanges,
            s.SessionsRejected, s.SessionsEvicted, s.SessionsExpired, s.SessionsTrimmed, s.SessionsRemoved, s.SessionsCleared, s.CallbackFailures, s.Count, s.Leases, s.EntryCount,
        ];
        Assert.All(mustNotBeZero, value => Assert.NotEqual(0, value));
        Assert.InRange(s.Utilization, 0.5, 1);
        held.Dispose();
    }

    [Fact]
    public void StoresThatAreGone_AreNotReported()
    {
        using var meters = new OwnMeters();
        using var reading = new MeterReading(meters.Factory);
        Drop(meters);
        using var disposed = new SessionStore(new() { Name = "disposed", MaxBytes = 100_000, MeterFactory = meters.Factory });
        disposed.Dispose();
        GC.Collect();
        Assert.Empty(reading.Read());

        [MethodImpl(MethodImplOptions.NoInlining)]
        static void Drop(OwnMeters meters) => new SessionStore(new() { Name = "dropped", MaxBytes = 100_000, MeterFactory = meters.Factory }).Acquire("u").Set("k", 1);
    }

    /// <summary>A store to which everything has happened that is counted.</summary>
    private static SessionStore CreateUsed(OwnMeters meters, out SessionLease held)
    {
        var clock = new ManualTimeProvider();
        var store = new SessionStore(new()
        {
            Name = "s",
            MaxBytes = 100_000,
            MaxSessions = 2,
            MaxSessionBytes = 60_000,
            MaxValueBytes = 50_000,
            MaxEntries = 3,
            TimeProvider = clock,
            MeterFactory = meters.Factory,
            ValueSizer = ObjectSizer.For<object>(new SizerOptions { MaxObjects = 50 }),
            EntryRemoved = _ => throw new InvalidOperationException(),
        });
        void Fill(string id)
        {
            using SessionLease session = store.Acquire(id);
            session.Set("k", new byte[100]);
        }

        Fill("expires");
        clock.Advance(TimeSpan.FromMinutes(30));
        Fill("removed");
        store.Remove("removed");
        Fill("evicted");
        Fill("2");
        Fill("3");
        store.Trim(long.MaxValue);
        Fill("cleared");
        store.Clear();
        held = store.Acquire("held");
        using SessionLease other = store.Acquire("other");
        Assert.Throws<MemoryBudgetExceededException>(() => store.Acquire("one too many"));
        held.Set("k", 1);
        held.Set("k", 2);
        held.EnterScope("a");
        held.Set("rows_data", 1);
        held.EnterScope("b");
        held.Set("k", new byte[50_000]);
        held.Set("k", Enumerable.Range(0, 100).Select(_ => new object[] { new() }).ToArray());
        held.Set("2", new byte[45_000]);
        other.Set("3", new byte[30_000]);
        other.Set("4", new byte[15_000]);
        Assert.Equal(SessionSetStatus.OverBudget, other.Set("5", new byte[10_000]).Status);
        Assert.Equal(SessionSetStatus.Full, held.Set("3", new byte[40_000]).Status);
        return store;
    }
}
