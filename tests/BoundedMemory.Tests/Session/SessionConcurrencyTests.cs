using System.Collections.Concurrent;
using BoundedMemory.Tests.Support;

namespace BoundedMemory.Tests.Session;

public class SessionConcurrencyTests
{
    private const int Users = 40;
    private const long MaxBytes = 120_000;
    private const int MaxSessions = 25;
    private const long MaxSessionBytes = 12_000;

    /// <summary>Eight threads use the sessions of 40 users in a store with room for some 20, which are evicted, expire, are removed, trimmed and created anew meanwhile. Every value
    /// says whose it is and in which life of the session it was set.</summary>
    [Theory]
    [InlineData(SessionFullMode.Refuse)]
    [InlineData(SessionFullMode.EvictTransient)]
    public void ManyUsers_AtTheSameTime_NeverSeeWhatIsNotTheirsAndTheBoundHolds(SessionFullMode mode)
    {
        var clock = new ManualTimeProvider();
        var made = new ConcurrentQueue<Owned>();
        var wrong = new Log<string>();
        long told = 0;
        long reads = 0;
        var store = new SessionStore(new()
        {
            MaxBytes = MaxBytes,
            MaxSessions = MaxSessions,
            MaxSessionBytes = MaxSessionBytes,
            MaxEntries = 12,
            FullMode = mode,
            IdleTimeout = TimeSpan.FromSeconds(10),
            TimeProvider = clock,
            DisposeValues = true,
            EntryRemoved = e =>
            {
                Interlocked.Increment(ref told);
                if (e.Value is not Owned owned || owned.User != e.SessionId || owned.Key != e.Key || owned.Disposals != 0)
                {
                    wrong.Add($"{e.Key} of {e.SessionId} left with {e.Value}");
                }
            },
        });

        void Work(int worker)
        {
            var random = new Random(worker);
            for (int i = 0; i < 6000; i++)
            {
                string user = $"user-{random.Next(Users)}";
                switch (random.Next(60))
                {
                    case 0:
                        store.Remove(user);
                        continue;
                    case 1:
                        store.Trim(random.Next(5000));
                        continue;
                    case 2 when worker == 0:
                        clock.Advance(TimeSpan.FromSeconds(random.Next(8)));
                        continue;
                }

                using SessionLease session = store.Acquire(user);
                for (int use = random.Next(8); use >= 0; use--)
                {
                    Use(session, user, random);
                }
            }
        }

        void Use(SessionLease session, string user, Random random)
        {
            string key = random.Next(3) == 0 ? $"key {random.Next(10)}" : $"{random.Next(10)}_data";
            switch (random.Next(10))
            {
                case < 4:
                    var value = new Owned(user, key, new byte[random.Next(1500)]);
                    if (session.Set(key, value).IsStored)
                    {
                        made.Enqueue(value);
                    }

                    break;
                case < 8:
                    if (session.TryGet<Owned>(key, out Owned? found))
                    {
                        Assert.Equal((user, key), (found.User, found.Key));
                        Interlocked.Increment(ref reads);
                    }

                    break;
                case 8:
                    session.EnterScope($"page {random.Next(3)}");
                    break;
                default:
                    session.Remove(key);
                    break;
            }

            Assert.Equal(user, session.Id);
            Assert.InRange(session.Bytes, 1, MaxSessionBytes);
        }

        void Sample()
        {
            for (int i = 0; i < 1000; i++)
            {
                Assert.InRange(store.Bytes, 0, MaxBytes);
                Assert.InRange(store.Count, 0, MaxSessions);
            }
        }

        Threaded.RunWatched([Sample], [.. Enumerable.Range(0, 8).Select(i => (Action)(() => Work(i)))]);

        store.Verify();
        SessionStoreStatistics s = store.Statistics;
        Assert.Empty(wrong.Items);
        Assert.Equal((0, made.Count, s.Stored - s.EntryCount), (s.CallbackFailures, s.Stored, Interlocked.Read(ref told)));
        Assert.True(reads > 1000 && s.SessionsEvicted > 100 && s.SessionsExpired > 10 && s.SessionsRemoved > 100 && s.SessionsTrimmed > 10 && s.Scope > 100, $"{reads} reads, {s}");
        store.Dispose();
        Assert.All(made, value => Assert.Equal(1, value.Disposals));
    }

    [Fact]
    public void OneSession_UsedByManyThreads_LosesNothing()
    {
        using var store = new SessionStore(new() { MaxBytes = 10_000_000, MaxSessionBytes = 5_000_000, MaxEntries = 10_000 });
        Threaded.Run(8, worker =>
        {
            for (int i = 0; i < 500; i++)
            {
                using SessionLease session = store.Acquire("shared");
                Assert.True(session.Set($"{worker} {i}", i).IsStored);
                Assert.True(session.TryGet($"{worker} {i}", out int read));
                Assert.Equal(i, read);
                if (i % 2 == 0)
                {
                    Assert.True(session.Remove($"{worker} {i}"));
                }
            }
        });
        using SessionLease all = store.Acquire("shared");
        Assert.Equal(2000, all.Count);
        store.Verify();
    }

    [Fact]
    public void Lease_EndedWhileAnotherThreadUsesIt_EndsBetweenOperations()
    {
        using var store = new SessionStore(new() { MaxBytes = 60_000, MaxSessions = 2, DisposeValues = true });
        for (int round = 0; round < 300; round++)
        {
            SessionLease session = store.Acquire("u");
            using var isUsed = new ManualResetEventSlim();
            Threaded.Run(
                () =>
                {
                    try
                    {
                        for (int i = 0; ; i++)
                        {
                            session.Set($"{i % 20}", new byte[i % 1000]);
                            isUsed.Set();
                        }
                    }
                    catch (ObjectDisposedException)
                    {
                        // The other has ended it.
                    }
                },
                () =>
                {
                    isUsed.Soon();
                    session.Dispose();
                    store.Acquire("1").Dispose();
                    store.Acquire("2").Dispose();
                });
            store.Verify();
        }

        Assert.Equal(0, store.Statistics.CallbackFailures);
        Assert.True(store.Statistics.SessionsEvicted >= 300);
    }

    /// <summary>A value that knows whose it is.</summary>
    private sealed record Owned(string User, string Key, byte[] Bytes) : IDisposable
    {
        private int _disposals;

        public int Disposals => Volatile.Read(ref _disposals);

        public void Dispose() => Interlocked.Increment(ref _disposals);
    }
}
