using BoundedMemory.Tests.Support;

namespace BoundedMemory.Tests.Ring;

public class RingArchiveTests
{
    private static readonly TimeSpan Delay = TimeSpan.FromSeconds(5);

    private readonly ManualTimeProvider _clock = new();
    private readonly RecordingArchive<int> _archive = new();
    private readonly Log<(int Item, RemovalCause Cause)> _left = new();

    [Fact]
    public async Task Add_AboveTheThreshold_SpillsAllButTheNewest()
    {
        using RingBuffer<int> ring = Create();
        ring.AddRange([.. Enumerable.Range(1, 500)]);
        Assert.Equal((500, 0), (ring.Count, ring.Statistics.Backlog));
        ring.Add(501);
        Assert.Equal(Enumerable.Range(402, 100), ring);
        await ring.FlushArchiveAsync().Soon();
        Assert.Equal(Enumerable.Range(1, 401), _archive.Items);
        Assert.Equal((401L, 0, 0L, 1), (ring.Statistics.Archived, ring.Statistics.Backlog, ring.Statistics.Evicted, _archive.Flushes));
        Assert.Empty(_left.Items);
    }

    [Fact]
    public async Task Archive_ThatFails_ItemsWaitAndThenAreLostOldestFirstAndItResumes()
    {
        using RingBuffer<int> ring = Create();
        _archive.Fault = new IOException("full");
        Add(ring, 1, 501);
        Patience.Until(() => ring.Statistics.ArchiveFault is not null);
        Add(ring, 502, 1000);
        Assert.Equal((0L, 1000), (ring.Statistics.Evicted, ring.Count + ring.Statistics.Backlog));
        Add(ring, 1001, 1300);
        Assert.Equal((300L, 1000), (ring.Statistics.Evicted, ring.Count + ring.Statistics.Backlog));
        Assert.Equal(Enumerable.Range(1, 300).Select(i => (i, RemovalCause.Evicted)), _left.Items);
        Assert.Equal(1, ring.Statistics.ArchiveFailures);

        _clock.Advance(Delay - TimeSpan.FromTicks(1));
        Assert.Equal(1, _archive.Writes);
        _clock.Advance(TimeSpan.FromTicks(1));
        Patience.Until(() => ring.Statistics.ArchiveFailures == 2);
        IOException error = await Assert.ThrowsAsync<IOException>(() => ring.FlushArchiveAsync().Soon());
        Assert.Same(error, ring.Statistics.ArchiveFault);

        _archive.Fault = null;
        _clock.Advance(Delay);
        Patience.Until(() => ring.Statistics.Backlog == 0);
        Assert.Null(ring.Statistics.ArchiveFault);
        Assert.Equal(Enumerable.Range(301, 1000 - ring.Count), _archive.Items);
        Assert.Equal(ring.Statistics.Added, ring.Count + ring.Statistics.Archived + ring.Statistics.Evicted);
    }

    [Fact]
    public void Archive_ThatHangs_NeverHoldsTheRingUpNorExceedsItsBounds()
    {
        _archive.Gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using RingBuffer<int> ring = Create();
        Add(ring, 1, 501);
        Patience.Until(() => _archive.Writes == 1);
        for (int i = 502; i <= 5000; i++)
        {
            Assert.Equal(AddResult.Added, ring.Add(i));
            Assert.InRange(ring.Count + ring.Statistics.Backlog, 1, 1000);
        }

        // What is being written cannot be dropped; what has waited longest behind it was.
        RingStatistics s = ring.Statistics;
        Assert.Equal((1000, 4000L), (s.Count + s.Backlog, s.Evicted));
        Assert.Equal(5000, ring[ring.Count - 1]);
        _archive.Gate.SetResult();
        Patience.Until(() => ring.Statistics.Backlog == 0);
        Assert.Equal(_archive.Items.Order(), _archive.Items);
        Assert.Equal(1, _archive.Items[0]);
        Assert.Equal(Enumerable.Range(1, 5000), _archive.Items.Concat(_left.Items.Select(left => left.Item)).Concat(ring).Order());
    }

    [Fact]
    public async Task Archive_ThatTakesPartsAndRefusesSome_GetsTheRestAgainAndCounts()
    {
        _archive.AtMost = 7;
        _archive.Refuses = i => i % 10 == 0;
        using RingBuffer<int> ring = Create();
        Add(ring, 1, 300);
        Assert.Equal(300, ring.Spill());
        await ring.FlushArchiveAsync().Soon();
        Assert.Equal(Enumerable.Range(1, 300).Where(i => i % 10 != 0), _archive.Items);
        Assert.Equal((270L, 30L, 0), (ring.Statistics.Archived, ring.Statistics.ArchiveRefused, ring.Count));
    }

    [Fact]
    public async Task Archive_ThatDoesNothing_IsAFaultAndNotAnEndlessLoop()
    {
        _archive.AtMost = 0;
        using RingBuffer<int> ring = Create();
        Add(ring, 1, 10);
        ring.Spill(5);
        await Assert.ThrowsAsync<InvalidOperationException>(() => ring.FlushArchiveAsync().Soon());
        Assert.Equal((5, 5), (ring.Count, ring.Statistics.Backlog));
    }

    [Fact]
    public void Dispose_WhileABatchIsWritten_CountsItByWhatBecomesOfIt()
    {
        foreach (bool fails in new[] { false, true })
        {
            using var budget = new MemoryBudget(1_000_000);
            var archive = new RecordingArchive<Tracked> { Gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously) };
            Tracked[] items = [.. Enumerable.Range(0, 100).Select(i => new Tracked(i))];
            var ring = new ConcurrentRingBuffer<Tracked>(new() { Budget = budget, MaxCount = 1000, Archive = archive, DisposeItems = true, TimeProvider = _clock });
            ring.AddRange(items);
            ring.Spill(10);
            Patience.Until(() => archive.Writes == 1);
            ring.Dispose();
            Assert.Equal(64, ring.Statistics.Backlog);
            Assert.InRange(budget.Used, 1, 20_000);
            Assert.Equal(36, items.Count(item => item.IsDisposed));
            archive.Fault = fails ? new IOException() : null;
            archive.Gate.SetResult();
            Patience.Until(() => items.All(item => item.Disposals == 1));
            Patience.Until(() => budget.Used == 0);
            Assert.Equal(fails ? (0L, 100L) : (64L, 36L), (ring.Statistics.Archived, ring.Statistics.Disposed));
        }
    }

    [Fact]
    public async Task Flush_RingDisposed_EndsWithThat()
    {
        _archive.Gate = new TaskCompletionSource();
        RingBuffer<int> ring = Create();
        Add(ring, 1, 10);
        ring.Spill();
        Task flush = ring.FlushArchiveAsync();
        ring.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => flush.Soon());
        _archive.Gate.SetResult();
    }

    [Fact]
    public async Task Flush_Cancelled_EndsAndForgets()
    {
        _archive.Gate = new TaskCompletionSource();
        using RingBuffer<int> ring = Create();
        Add(ring, 1, 10);
        ring.Spill();
        using var cancel = new CancellationTokenSource();
        Task flush = ring.FlushArchiveAsync(cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => flush.Soon());
        _archive.Gate.SetResult();
        await ring.FlushArchiveAsync().Soon();
        Assert.Equal(10, _archive.Items.Count);
    }

    [Theory]
    [InlineData(RemovalCause.Trimmed)]
    [InlineData(RemovalCause.Cleared)]
    public void Backlog_TrimmedOrCleared_GivesTheOldestOrStays(RemovalCause cause)
    {
        _archive.Fault = new IOException();
        using RingBuffer<int> ring = Create();
        Add(ring, 1, 20);
        ring.Spill(10);
        Patience.Until(() => ring.Statistics.ArchiveFault is not null);
        if (cause == RemovalCause.Trimmed)
        {
            Assert.Equal(12 * sizeof(int), ring.Trim(12 * sizeof(int)));
            Assert.Equal(Enumerable.Range(1, 12), _left.Items.Select(left => left.Item));
            Assert.Equal((8, 0), (ring.Count, ring.Statistics.Backlog));
        }
        else
        {
            ring.Clear();
            Assert.Equal(Enumerable.Range(11, 10), _left.Items.Select(left => left.Item));
            Assert.Equal((0, 10), (ring.Count, ring.Statistics.Backlog));
        }
    }

    [Fact]
    public void Bytes_WithAnArchiveThatFailsNowAndThen_AreNeverOverAndNothingIsLostUncounted()
    {
        const long MaxBytes = 200_000;
        const int Items = 200_000;
        using var budget = new MemoryBudget(MaxBytes);
        var archive = new RecordingArchive<byte[]>();
        long told = 0;
        var ring = new ConcurrentRingBuffer<byte[]>(new()
        {
            Budget = budget,
            MaxBytes = MaxBytes,
            MaxCount = 900,
            ArchiveAbove = 300,
            KeepInMemory = 50,
            Archive = archive,
            TimeProvider = _clock,
            Evicted = (items, _) => Interlocked.Add(ref told, items.Length),
        });
        Threaded.RunWatched(
            [() => Assert.InRange(ring.Bytes, 1, MaxBytes), () => Assert.InRange(ring.Count, 0, 900)],
            Write, Write, () => Fail(4000));

        archive.Fault = null;
        ring.Spill();
        _clock.Advance(Delay);
        Patience.Until(() => ring.Statistics.Backlog == 0);
        RingStatistics s = ring.Statistics;
        Assert.Equal(2 * Items, s.Added);
        Assert.Equal(s.Added, s.Count + s.Archived + s.Evicted);
        Assert.Equal(s.Evicted, told);
        Assert.Equal(s.Archived, archive.Items.Count);
        Assert.True(s.Archived > 0 && s.ArchiveFailures > 0);
        ring.Dispose();
        Patience.Until(() => budget.Used == 0);

        void Write()
        {
            for (int i = 0; i < Items; i++)
            {
                Assert.Equal(AddResult.Added, ring.Add(new byte[i % 500]));
            }
        }

        void Fail(int times)
        {
            for (int i = 0; i < times; i++)
            {
                archive.Fault = i % 2 == 0 ? new IOException() : null;
                _clock.Advance(Delay);
                Thread.Yield();
            }
        }
    }

    [Fact]
    public async Task ItemsArchived_AreNotKeptAlive()
    {
        var archive = new CountingArchive();
        using var ring = new RingBuffer<object>(new() { MaxCount = 1000, Archive = archive });
        WeakReference[] items = Fill(ring);
        ring.Spill();
        await ring.FlushArchiveAsync().Soon();
        GC.Collect();
        Assert.DoesNotContain(items, item => item.IsAlive);
        Assert.Equal(100, archive.Count);

        static WeakReference[] Fill(RingBuffer<object> ring) => [.. Enumerable.Range(0, 100).Select(i =>
        {
            object item = new();
            ring.Add(item);
            return new WeakReference(item);
        })];
    }

    private static void Add(RingBuffer<int> ring, int first, int last)
    {
        for (int i = first; i <= last; i++)
        {
            ring.Add(i);
        }
    }

    private RingBuffer<int> Create() => new(new()
    {
        MaxCount = 1000,
        Archive = _archive,
        TimeProvider = _clock,
        Evicted = (items, cause) =>
        {
            foreach (int item in items)
            {
                _left.Add((item, cause));
            }
        },
    });

    private sealed class CountingArchive : IItemArchive<object>
    {
        public int Count;

        public ValueTask<ArchiveResult> WriteAsync(ReadOnlyMemory<object> items, CancellationToken cancellationToken)
        {
            Count += items.Length;
            return new(new ArchiveResult(items.Length));
        }

        public ValueTask FlushAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;
    }
}
