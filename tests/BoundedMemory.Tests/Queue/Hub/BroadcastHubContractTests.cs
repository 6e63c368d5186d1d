using BoundedMemory.Tests.Contracts;
using BoundedMemory.Tests.Support;

namespace BoundedMemory.Tests.Queue;

/// <summary>The laws over a hub with everything on: both bounds, subscribers of every kind, some that never read, some that come and go.</summary>
public class BroadcastHubContractTests : BoundContract
{
    private protected override IBoundedSubject Create(MemoryBudget budget, ManualTimeProvider clock, long maxBytes, long maxCount) =>
        new Subject(new() { Name = "contract", Budget = budget, MaxBytes = maxBytes, MaxCount = maxCount, TimeProvider = clock, IdleTimeout = TimeSpan.FromSeconds(30), SweepInterval = TimeSpan.FromSeconds(3) });

    private sealed class Subject : IBoundedSubject
    {
        private readonly BroadcastHub<byte[]> _hub;
        private readonly HubSubscription<byte[]>[] _subscriptions = new HubSubscription<byte[]>[6];

        public Subject(BroadcastHubOptions<byte[]> options) => _hub = new BroadcastHub<byte[]>(options);

        public long Bytes => _hub.Bytes;

        public long Count => _hub.Count;

        public long MaxBytes => _hub.MaxBytes!.Value;

        public long MaxCount => _hub.MaxCount!.Value;

        public (long In, long Out) Flow
        {
            get
            {
                HubStatistics s = _hub.Statistics;
                return (s.Published, s.Evicted + s.Trimmed + s.Cleared + s.Disposed);
            }
        }

        public bool Add(int number, int size) => _hub.Publish(new byte[size]) == AddResult.Added;

        public void Use(int number)
        {
            ref HubSubscription<byte[]> subscription = ref _subscriptions[number % _subscriptions.Length];
            HubSubscription<byte[]>? known = Volatile.Read(ref subscription);
            if (known?.CloseCause is null && known is not null && number % 50 != 0)
            {
                known.TryRead(out _);
                return;
            }

            known?.Dispose();
            _hub.TrySubscribe(
                (number % 3) switch { 0 => new() { PrivateCount = 20, Filter = m => m.Length % 2 == 0 }, 1 => new() { Filter = m => m.Length % 2 == 0 }, _ => null },
                out HubSubscription<byte[]>? fresh);
            Interlocked.Exchange(ref subscription!, fresh)?.Dispose();
        }

        public void Remove(int number)
        {
            if (number % 100 == 0)
            {
                _hub.Clear();
            }
        }

        public long Trim(long bytes) => _hub.Trim(bytes);

        public bool TryResize(long maxBytes, long maxCount) => _hub.TryResize(maxBytes, maxCount);

        public void Verify() => _hub.Verify();

        public void Dispose() => _hub.Dispose();
    }
}
