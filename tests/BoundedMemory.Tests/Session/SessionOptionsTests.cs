namespace BoundedMemory.Tests.Session;

public class SessionOptionsTests
{
    private static readonly (Action<SessionStoreOptions> Change, string Message)[] Illegal =
    [
        (o => o.Name = "", "Name must not be empty nor contain '/'; it is ."),
        (o => o.Name = "a/b", "Name must not be empty nor contain '/'; it is a/b."),
        (o => o.MaxBytes = null, "MaxBytes or Budget must be set: a store needs a bound; it is null."),
        (o => o.MaxBytes = 16_383, "MaxBytes must be from 16384 to 9223372036854775807; it is 16383."),
        (o => o.MaxSessions = 0, "MaxSessions must be from 1 to 1000000000; it is 0."),
        (o => o.MaxSessionBytes = 4095, "MaxSessionBytes must be from 4096 to 17179869184; it is 4095."),
        (o => o.MaxSessionBytes = (1L << 34) + 1, "MaxSessionBytes must be from 4096 to 17179869184; it is 17179869185."),
        (o => o.MaxEntries = 0, "MaxEntries must be from 1 to 1000000; it is 0."),
        (o => o.MaxValueBytes = 0, "MaxValueBytes must be from 1 to 1048576; it is 0."),
        (o => (o.MaxSessionBytes, o.MaxValueBytes) = (10_000, 10_001), "MaxValueBytes must be from 1 to 10000; it is 10001."),
        (o => o.MaxKeyLength = 4097, "MaxKeyLength must be from 1 to 4096; it is 4097."),
        (o => o.FullMode = (SessionFullMode)7, "FullMode must be one of Refuse, EvictTransient; it is 7."),
        (o => o.TransientKeys = null!, "TransientKeys must be set; it is null."),
        (o => o.TransientKeys.Suffixes.Add(""), "TransientKeys.Suffixes[2] must not be empty: all keys would be transient; it is \"\"."),
        (o => o.TransientKeys.Prefixes[0] = null!, "TransientKeys.Prefixes[0] must not be empty: all keys would be transient; it is null."),
        (o => o.TransientKeys.Comparison = (StringComparison)99, "TransientKeys.Comparison must be one of "),
        (o => o.IdleTimeout = TimeSpan.Zero, "IdleTimeout must be from 00:00:00.0010000 to 36525.00:00:00; it is 00:00:00."),
        (o => o.TimeProvider = null!, "TimeProvider must be set; it is null."),
    ];

    [Fact]
    public void Constructor_WrongOption_NamesItItsValueAndItsRange() => Assert.All(Illegal, illegal =>
    {
        SessionStoreOptions options = new() { MaxBytes = 1_000_000 };
        illegal.Change(options);
        Assert.StartsWith(illegal.Message, Assert.ThrowsAny<ArgumentException>(() => new SessionStore(options)).Message, StringComparison.Ordinal);
        Assert.Contains(
            new SessionStoreOptionsValidator().Validate(null, options).Failures!,
            failure => failure.StartsWith($"Session store '{options.Name}': {illegal.Message}", StringComparison.Ordinal));
    });

    [Fact]
    public void Constructor_Options_AreCopied()
    {
        int left = 0;
        var options = new SessionStoreOptions { MaxBytes = 100_000, MaxEntries = 1, EntryRemoved = _ => left++ };
        using var store = new SessionStore(options);
        (options.MaxEntries, options.EntryRemoved, options.Name, options.MaxValueBytes) = (5, null, "other", 1);
        using SessionLease session = store.Acquire("u");
        Assert.True(session.Set("k", new byte[100]).IsStored);
        Assert.Equal(SessionSetStatus.Full, session.Set("l", 1).Status);
        session.Remove("k");
        Assert.Equal((1, "session", 10_000), (left, store.Name, store.MaxSessions));
        Assert.Throws<ArgumentNullException>("options", () => new SessionStore(null!));
    }

    [Fact]
    public void MaxValueBytes_NotSet_IsNotMoreThanASessionMayHold()
    {
        using var large = new SessionStore(new() { MaxBytes = 1_000_000 });
        using (SessionLease session = large.Acquire("u"))
        {
            Assert.True(session.Set("k", new byte[65_512]).IsStored);
            Assert.Equal(65_536, session.Set("k", new byte[65_513]).Limit);
        }

        using var small = new SessionStore(new() { MaxBytes = 1_000_000, MaxSessionBytes = 5000 });
        using (SessionLease session = small.Acquire("u"))
        {
            Assert.Equal(5000, session.Set("k", new byte[10_000]).Limit);
        }
    }

    [Fact]
    public void Constructor_NoRoom_ThrowsAndTakesNothing()
    {
        using var budget = new MemoryBudget(100_000);
        long empty;
        using (var store = new SessionStore(new() { Budget = budget }))
        {
            empty = store.Bytes;
        }

        // Not enough for the cache, and enough for the cache but not for what else there is.
        foreach (long free in new[] { 1000, empty - 8 })
        {
            using MemoryReservation others = budget.Reserve(budget.Limit - free);
            Assert.Throws<MemoryBudgetExceededException>(() => new SessionStore(new() { Budget = budget }));
            Assert.Equal(others.Bytes, budget.Used);
        }

        using MemoryReservation most = budget.Reserve(budget.Limit - empty);
        using var last = new SessionStore(new() { Budget = budget });
        Assert.Equal(empty, last.Bytes);
    }
}
