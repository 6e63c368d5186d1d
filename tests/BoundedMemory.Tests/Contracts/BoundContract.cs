using BoundedMemory.Tests.Support;

namespace BoundedMemory.Tests.Contracts;

/// <summary>The laws that every bounded primitive keeps. Each has a test class that inherits them and says how it is made and used.</summary>
public abstract class BoundContract
{
    private const long MaxBytes = 600_000;
    private const long MaxCount = 400;
    private const int Numbers = 1500;

    /// <summary>Makes a subject within a budget, by a clock, that lets things expire if it can.</summary>
    private protected abstract IBoundedSubject Create(MemoryBudget budget, ManualTimeProvider clock, long maxBytes, long maxCount);

    [Fact]
    public void Law1_NeverOver_WhileEightThreadsAddReplaceRemoveTrimResizeAndExpire()
    {
        var clock = new ManualTimeProvider();
        using var budget = new MemoryBudget(MaxBytes + (MaxBytes / 4), "shared");
        using IBoundedSubject subject = Create(budget, clock, MaxBytes, MaxCount);

        // They want more than the budget has; half of the time the subject's own limit is still the nearer one.
        using IBoundedSubject neighbour = Create(budget, clock, MaxBytes / 2, MaxCount);
        long resizes = 0;
        var samples = new LawSamples();

        void Work(int worker)
        {
            var random = new Random(worker);
            for (int i = 0; i < 40_000 || samples.AreWanted; i++)
            {
                IBoundedSubject target = worker == 0 ? neighbour : subject;
                int number = random.Next(Numbers);
                switch (random.Next(100))
                {
                    case < 45:
                        target.Add(number, random.Next(20) == 0 ? random.Next(60_000) : random.Next(3000));
                        break;
                    case < 90:
                        target.Use(number);
                        break;
                    case < 97:
                        target.Remove(number);
                        break;
                    case 97:
                        target.Trim(random.Next(20_000));
                        break;
                    case 98 when worker == 1:
                        Interlocked.Increment(ref resizes);
                        target.TryResize((MaxBytes / 2) + random.Next((int)MaxBytes / 2), (MaxCount / 2) + random.Next((int)MaxCount / 2));
                        Interlocked.Increment(ref resizes);
                        break;
                    case 99 when worker == 2:
                        clock.Advance(TimeSpan.FromSeconds(random.Next(8)));
                        break;
                }
            }
        }

        void Sample()
        {
            for (int i = 0; i < 1000; i++)
            {
                long before = Volatile.Read(ref resizes);
                (long maxBytes, long maxCount) = (subject.MaxBytes, subject.MaxCount);
                long bytes = subject.Bytes;
                long count = subject.Count;
                bool isStrict = before % 2 == 0 && Volatile.Read(ref resizes) == before;

                // While a limit is being changed either the old or the new one is in force, and neither is above the first.
                long mostBytes = isStrict ? maxBytes : MaxBytes;
                long mostCount = isStrict ? maxCount : MaxCount;
                if (bytes < 0 || bytes > mostBytes || count < 0 || count > mostCount || budget.Used > budget.Limit)
                {
                    samples.Break($"{bytes} of {mostBytes} bytes, {count} of {mostCount} entries, {budget.Used} of {budget.Limit} bytes of the budget.");
                }

                samples.Add(isStrict, bytes > maxBytes - 30_000 || count > maxCount - 10);
            }
        }

        Threaded.RunWatched([Sample], [.. Enumerable.Range(0, 8).Select(i => (Action)(() => Work(i)))]);

        samples.RequireEnough();
        subject.Verify();
        neighbour.Verify();
        Assert.Equal(subject.Count, subject.Flow.In - subject.Flow.Out);
        subject.Dispose();
        neighbour.Dispose();
        Assert.Equal(0, budget.Used);
    }

    [Fact]
    public void Law2_WhatIsRefused_LeavesEverythingAsItWas()
    {
        using var budget = new MemoryBudget(10_000_000);
        using IBoundedSubject subject = Create(budget, new ManualTimeProvider(), 100_000, 1000);
        Assert.True(subject.Add(1, 1000));
        Assert.True(subject.Add(2, 2000));
        (long, long, (long, long)) before = (subject.Bytes, subject.Count, subject.Flow);

        Assert.False(subject.Add(1, 100_001));
        Assert.False(subject.Add(3, 1_000_000));

        Assert.Equal(before, (subject.Bytes, subject.Count, subject.Flow));
        subject.Verify();
    }

    [Fact]
    public void Law2_WhatComesIn_IsThereOrHasLeftAndIsCounted()
    {
        using var budget = new MemoryBudget(10_000_000);
        using IBoundedSubject subject = Create(budget, new ManualTimeProvider(), 100_000, 50);
        for (int i = 0; i < 1000; i++)
        {
            Assert.True(subject.Add(i, i * 10 % 5000));
            (long entered, long left) = subject.Flow;
            Assert.Equal(i + 1, entered);
            Assert.Equal(subject.Count, entered - left);
            subject.Verify();
        }
    }

    [Fact]
    public void Dispose_GivesEverythingBack()
    {
        using var budget = new MemoryBudget(10_000_000);
        IBoundedSubject subject = Create(budget, new ManualTimeProvider(), 100_000, 50);
        for (int i = 0; i < 100; i++)
        {
            subject.Add(i, 100);
        }

        Assert.True(budget.Used > 0);
        subject.Dispose();
        subject.Dispose();
        Assert.Equal(0, budget.Used);
        Assert.Equal((100, 100), subject.Flow);
        Assert.Throws<ObjectDisposedException>(() => subject.Add(1, 1));
        Assert.Equal(0, budget.Used);
    }

    [Fact]
    public void TryResize_BelowWhatIsInUse_TrimsFirstAndHolds()
    {
        using var budget = new MemoryBudget(10_000_000);
        using IBoundedSubject subject = Create(budget, new ManualTimeProvider(), 100_000, 500);
        for (int i = 0; i < 500; i++)
        {
            subject.Add(i, 100);
        }

        Assert.True(subject.TryResize(40_000, 100));
        Assert.Equal((40_000, 100), (subject.MaxBytes, subject.MaxCount));
        Assert.InRange(subject.Bytes, 0, 40_000);
        Assert.InRange(subject.Count, 50, 100);
        subject.Verify();
        long kept = subject.Count;
        Assert.True(subject.TryResize(400_000, 1000));
        for (int i = 0; i < 800; i++)
        {
            subject.Add(i, 10);
        }

        // What has keys replaces those that were kept.
        Assert.InRange(subject.Count, 800, 800 + kept);
        subject.Verify();
    }
}
