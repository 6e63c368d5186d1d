using BoundedMemory.Tests.Support;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace BoundedMemory.Tests.Queue;

public class QueueOptionsTests
{
    private const string Prefix = "bounded_memory.queue.";

    private static readonly string[] Instruments =
    [
        "enqueued {item} ObservableCounter", "dequeued {item} ObservableCounter", "dropped {item} ObservableCounter", "rejections {item} ObservableCounter",
        "callback.failures {failure} ObservableCounter", "item.count {item} ObservableUpDownCounter", "item.limit {item} ObservableUpDownCounter",
        "reader.waiting {reader} ObservableUpDownCounter", "usage By ObservableUpDownCounter", "limit By ObservableUpDownCounter", "utilization 1 ObservableGauge",
    ];

    public static TheoryData<string, string> Wrong => new()
    {
        { "none", "MaxCount or MaxBytes or Budget must be set: a queue needs a bound; it is null." },
        { "name", "Name must not be empty nor contain '/'; it is a/b." },
        { "count", "MaxCount must be from 1 to 2147483647; it is 0." },
        { "bytes", "MaxBytes must be from 4096 to 9223372036854775807; it is 4095." },
        { "age", "MaxAge must be from 00:00:00.0010000 to 36525.00:00:00; it is 00:00:00." },
        { "clock", "TimeProvider must be set; it is null." },
    };

    [Theory, MemberData(nameof(Wrong))]
    public void Constructor_WrongOption_NamesItItsValueAndItsRange(string what, string message)
    {
        var options = new DropOldestQueueOptions<int> { MaxCount = what == "none" ? null : what == "count" ? 0 : 1 };
        options.Name = what == "name" ? "a/b" : options.Name;
        options.MaxBytes = what == "bytes" ? 4095 : null;
        options.MaxAge = what == "age" ? TimeSpan.Zero : null;
        options.TimeProvider = what == "clock" ? null! : options.TimeProvider;
        Assert.StartsWith(message, Assert.ThrowsAny<ArgumentException>(() => new DropOldestQueue<int>(options)).Message, StringComparison.Ordinal);
        Assert.Contains($"Queue '{options.Name}': {message}", new DropOldestQueueOptionsValidator<int>().Validate(null, options).Failures!);
    }

    [Fact]
    public void Constructor_Options_AreCopied()
    {
        int dropped = 0;
        var options = new DropOldestQueueOptions<int> { MaxCount = 1, Dropped = _ => dropped++ };
        using var queue = new DropOldestQueue<int>(options);
        (options.MaxCount, options.Dropped, options.Name) = (5, null, "other");
        queue.Enqueue(1);
        queue.Enqueue(2);
        Assert.Equal((1L, 1, "queue"), (queue.MaxCount, dropped, queue.Name));
        Assert.Throws<ArgumentNullException>("options", () => new DropOldestQueue<int>(null!));
        Assert.Throws<ArgumentNullException>("key", () => Conflation.By<int, int>(null!));
    }

    [Fact]
    public void Constructor_NoRoom_ThrowsAndTakesNothing()
    {
        using var budget = new MemoryBudget(1000);
        Assert.Throws<MemoryBudgetExceededException>(() => new DropOldestQueue<int>(new() { Budget = budget }));
        Assert.Equal(0, budget.Used);
    }

    [Fact]
    public void AddDropOldestQueue_NamesConfigurationAndServices_AreUsed()
    {
        IConfiguration configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Log:MaxCount"] = "1000",
            ["Log:MaxBytes"] = "100000",
            ["Log:MaxAge"] = "00:01:00",
        }).Build();
        var clock = new ManualTimeProvider();
        ServiceProvider provider = new ServiceCollection()
            .AddSingleton<TimeProvider>(clock)
            .AddMemoryBudget(1_000_000)
            .AddDropOldestQueue<string>("log")
            .Configure<DropOldestQueueOptions<string>>("log", configuration.GetSection("Log"))
            .AddDropOldestQueue<string>("signals", o => o.MaxCount = 500)
            .BuildServiceProvider(validateScopes: true);
        var queue = provider.GetRequiredKeyedService<DropOldestQueue<string>>("log");
        Assert.Same(queue, provider.GetRequiredService<DropOldestQueue<string>>());
        Assert.Equal(("log", 1000L, 100_000L), (queue.Name, queue.MaxCount, queue.MaxBytes));
        Assert.Equal(500, provider.GetRequiredKeyedService<DropOldestQueue<string>>("signals").MaxCount);
        queue.Enqueue("a");
        clock.Advance(TimeSpan.FromMinutes(1));
        Assert.False(queue.TryPeek(out _));
        Assert.True(provider.GetRequiredService<MemoryBudget>().Used >= queue.Bytes);

        provider.Dispose();
        Assert.Throws<ObjectDisposedException>(() => queue.Enqueue("b"));
    }

    [Fact]
    public void AddDropOldestQueue_WrongOptions_SaysWhichQueue()
    {
        using ServiceProvider provider = new ServiceCollection().AddDropOldestQueue<int>("bad", o => o.MaxCount = 0).BuildServiceProvider();
        var error = Assert.Throws<OptionsValidationException>(provider.GetRequiredService<DropOldestQueue<int>>);
        Assert.Equal(["Queue 'bad': MaxCount must be from 1 to 2147483647; it is 0."], error.Failures);
    }

    [Fact]
    public void Meter_AfterAHistory_ReportsTheStatistics()
    {
        using var meters = new OwnMeters();
        using var reading = new MeterReading(meters.Factory);
        var clock = new ManualTimeProvider();
        var queue = new DropOldestQueue<byte[]>(new()
        {
            Name = "q",
            MaxCount = 3,
            MaxBytes = 50_000,
            MaxAge = TimeSpan.FromSeconds(1),
            ConflateBy = Conflation.By((byte[] item) => item.Length),
            TimeProvider = clock,
            MeterFactory = meters.Factory,
            Dropped = _ => throw new InvalidOperationException(),
        });
        reading.RequireInstruments(Prefix, Instruments);

        queue.Enqueue([]);
        clock.Advance(TimeSpan.FromSeconds(1));
        foreach (int size in new[] { 1, 1, 2, 3, 4, 60_000 })
        {
            queue.Enqueue(new byte[size]);
        }

        queue.TryDequeue(out _);
        queue.Trim(1);
        queue.Clear();
        queue.Enqueue(new byte[5]);
        queue.Complete();
        queue.Enqueue([]);

        QueueStatistics s = queue.Verify();
        var expected = new Dictionary<string, double>
        {
            ["enqueued{queue.name=q}"] = 7,
            ["dequeued{queue.name=q}"] = 1,
            ["dropped{queue.name=q,cause=evicted}"] = 1,
            ["dropped{queue.name=q,cause=expired}"] = 1,
            ["dropped{queue.name=q,cause=trimmed}"] = 1,
            ["dropped{queue.name=q,cause=replaced}"] = 1,
            ["dropped{queue.name=q,cause=cleared}"] = 1,
            ["dropped{queue.name=q,cause=disposed}"] = 0,
            ["rejections{queue.name=q,reason=too_large}"] = 1,
            ["rejections{queue.name=q,reason=over_budget}"] = 0,
            ["rejections{queue.name=q,reason=size_unknown}"] = 0,
            ["rejections{queue.name=q,reason=completed}"] = 1,
            ["callback.failures{queue.name=q}"] = 5,
            ["item.count{queue.name=q}"] = 1,
            ["item.limit{queue.name=q}"] = 3,
            ["reader.waiting{queue.name=q}"] = 0,
            ["usage{queue.name=q}"] = s.Bytes,
            ["limit{queue.name=q}"] = 50_000,
            ["utilization{queue.name=q}"] = s.Utilization,
        };
        reading.RequireValues(Prefix, expected);

        queue.Dispose();
        Assert.Empty(reading.Read());
    }
}
