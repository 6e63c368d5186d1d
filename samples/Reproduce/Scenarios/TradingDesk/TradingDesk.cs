using BoundedMemory;

namespace Reproduce;

/// <summary>The histories of the trading desk.</summary>
internal static class TradingDesk
{
    private const int HalfYear = 10_000;
    private const int Month = 30 * 96;

    public static DeskHistory<Transaction> Transactions { get; } = new()
    {
        Name = "desk-transactions",
        Workload = "10,000 transactions, half a year of trading; bounded, the newest 1,000 are kept.",
        Claims =
        [
            new("10,000 transactions", 5, 5, "MB", "Issue #3: Impact", Variant.Unbounded, t => t.LiveMegabytes),
            new("1,000 transactions", 0.5, 0.5, "MB", "Issue #3: Impact", Variant.Bounded, t => t.LiveMegabytes),
            new("transactions, bounded", 1000, 1000, "", "Issue #3: MAX_TRANSACTIONS", Variant.Bounded, t => t.Entries),
        ],
        Events = HalfYear,
        MustBeReadable = 1000,
        InMemory = (1000, 1000),
        Create = Transaction.Create,
        NumberOf = transaction => transaction.Number,
        Options = () => new RingBufferOptions<Transaction> { Name = "transactions", MaxCount = 1000, MaxBytes = Units.MB },
    };

    public static DeskHistory<Transaction> ArchivedTransactions { get; } = new()
    {
        Name = "desk-archive",
        Workload = "10,000 transactions; bounded, whenever there are more than 500 in memory, all but the newest 100 go to a file.",
        Claims =
        [
            new("10,000 transactions", 5, 5, "MB", "Issue #3: Impact", Variant.Unbounded, t => t.LiveMegabytes),
            new("transactions in memory, bounded", 100, 500, "", "Issue #3: archive_threshold, keep last 100", Variant.Bounded, t => t.Entries),
        ],
        Events = HalfYear,
        MustBeReadable = HalfYear,
        InMemory = (100, 500),
        IsArchived = true,
        Create = Transaction.Create,
        NumberOf = transaction => transaction.Number,
        Options = () => new RingBufferOptions<Transaction>
        {
            Name = "transactions",

            // 500, and what may be on its way to the file.
            MaxCount = 1500,
            MaxBytes = 2 * Units.MB,
            ArchiveAbove = 500,
            KeepInMemory = 100,
        },
    };

    public static DeskHistory<Signal> Signals { get; } = new()
    {
        Name = "desk-signals",
        Workload = "2,880 signals of 1 KB, one every 15 minutes for 30 days; bounded, the newest 500 are kept.",
        Claims =
        [
            new("signals of 30 days", 3, 3, "MB", "Issue #5: Impact", Variant.Unbounded, t => t.LiveMegabytes),
            new("signals, bounded", 500, 500, "", "Issue #5: MAX_SIGNALS", Variant.Bounded, t => t.Entries),
        ],
        Events = Month,
        MustBeReadable = 500,
        InMemory = (500, 500),
        Create = Signal.Create,
        NumberOf = signal => signal.Number,
        Options = () => new RingBufferOptions<Signal> { Name = "signals", MaxCount = 500, MaxBytes = Units.MB },
    };
}
