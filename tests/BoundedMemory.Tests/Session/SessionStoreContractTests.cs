using System.Globalization;
using BoundedMemory.Tests.Contracts;
using BoundedMemory.Tests.Support;

namespace BoundedMemory.Tests.Session;

/// <summary>The laws over a store with both bounds, a shared budget, scopes, expiry, values that grow, callbacks and disposal: what comes and goes are sessions.</summary>
public class SessionStoreContractTests : BoundContract
{
    private const long MaxValueBytes = 100_000;

    private protected override IBoundedSubject Create(MemoryBudget budget, ManualTimeProvider clock, long maxBytes, long maxCount) => new Subject(new()
    {
        Name = "contract",
        Budget = budget,
        MaxBytes = maxBytes,
        MaxSessions = (int)maxCount,
        MaxSessionBytes = 150_000,
        MaxValueBytes = MaxValueBytes,
        MaxEntries = 20,
        FullMode = SessionFullMode.EvictTransient,
        IdleTimeout = TimeSpan.FromSeconds(60),
        TimeProvider = clock,
        DisposeValues = true,
    });

    private sealed class Value(int size) : IDisposable
    {
        private byte[] _bytes = new byte[size];
        private int _disposed;

        public void Resize(int size) => Volatile.Write(ref _bytes, new byte[size]);

        public void Dispose() => Assert.Equal(0, Interlocked.Exchange(ref _disposed, 1));
    }

    private sealed class Subject : IBoundedSubject
    {
        private readonly SessionStore _store;
        private long _toldEntries;
        private long _toldSessions;

        public Subject(SessionStoreOptions options)
        {
            options.EntryRemoved = _ => Interlocked.Increment(ref _toldEntries);
            options.Evicted = _ => Interlocked.Increment(ref _toldSessions);
            _store = new SessionStore(options);
        }

        public long Bytes => _store.Bytes;

        public long Count => _store.Count;

        public long MaxBytes => _store.MaxBytes!.Value;

        public long MaxCount => _store.MaxSessions;

        public (long In, long Out) Flow
        {
            get
            {
                SessionStoreStatistics s = _store.Statistics;
                return (s.SessionsCreated, s.SessionsEvicted + s.SessionsExpired + s.SessionsTrimmed + s.SessionsRemoved + s.SessionsCleared + s.SessionsDisposed);
            }
        }

        /// <summary>A value that is refused leaves the session there that was created for it; here it is not created.</summary>
        public bool Add(int number, int size)
        {
            if (size > MaxValueBytes && !_store.Contains(Id(number)))
            {
                return false;
            }

            try
            {
                using SessionLease session = _store.Acquire(Id(number));
                return session.Set(number % 2 == 0 ? "k" : "rows_data", new Value(size)).IsStored;
            }
            catch (MemoryBudgetExceededException)
            {
                return false;
            }
        }

        public void Use(int number)
        {
            if (!_store.TryAcquire(Id(number), out SessionLease? session))
            {
                return;
            }

            using (session)
            {
                switch (number % 5)
                {
                    case 0:
                        for (int i = 0; i < number % 30; i++)
                        {
                            session.Set($"temp_{i}", new Value(number));
                        }

                        break;
                    case 1:
                        EnterScope(session, $"{number % 3}");
                        break;
                    case 2:
                        if (session.TryGet<Value>("k", out Value? grown))
                        {
                            grown.Resize(number); // charged with it when the lease ends
                        }

                        break;
                    case 3:
                        session.ClearTransient();
                        break;
                    default:
                        Assert.InRange(session.Bytes, 1, 150_000);
                        session.Remove("k");
                        break;
                }
            }
        }

        public void Remove(int number) => _store.Remove(Id(number));

        public long Trim(long bytes) => _store.Trim(bytes);

        public bool TryResize(long maxBytes, long maxCount) => _store.TryResize(maxBytes, (int)maxCount);

        public void Verify()
        {
            _store.Verify();
            SessionStoreStatistics s = _store.Statistics;
            Assert.Equal((0, s.Stored - s.EntryCount, s.SessionsCreated - s.Count), (s.CallbackFailures, Interlocked.Read(ref _toldEntries), Interlocked.Read(ref _toldSessions)));
        }

        public void Dispose() => _store.Dispose();

        private static void EnterScope(SessionLease session, string scope)
        {
            try
            {
                session.EnterScope(scope);
            }
            catch (MemoryBudgetExceededException)
            {
                // All that is there is leased: the scope stays what it was.
            }
        }

        private static string Id(int number) => number.ToString(CultureInfo.InvariantCulture);
    }
}
