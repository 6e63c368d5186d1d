using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;

namespace BoundedMemory.HttpTests.Admin;

/// <summary>One primitive of each kind in a container, each named after its kind, with something in it.</summary>
internal sealed class Everything
{
    private readonly IServiceProvider _services;

    /// <param name="services">Has what <c>Add</c> adds.</param>
    /// <param name="text">Part of all keys and values.</param>
    public Everything(IServiceProvider services, string text = "text")
    {
        _services = services;
        IMeterFactory meters = services.GetRequiredService<IMeterFactory>();
        Window = new(new() { Name = "a window", MeterFactory = meters });
        OwnRing = new(new() { Name = "own ring", MaxCount = 10, MeterFactory = meters });
        Watchdog.Evaluate();
        for (int i = 0; i < 20; i++)
        {
            Cache.Set($"{text} {i}", $"{text} value {i}");
            Cache.TryGet($"{text} {i / 2}", out _);
            Hub.Publish(EventPayload.FromText($"{text} {i}", text));
            Queue.Enqueue($"{text} {i}");
            Ring.Add($"{text} {i}");
            OwnRing.Add($"{text} {i}");
            Window.Append(new(MessageRole.User, $"{text} {i}"));
            using (SessionLease session = Sessions.Acquire($"{text} {i % 4}"))
            {
                session.EnterScope(text);
                session.Set($"{text} {i}", $"{text} {i}");
            }

            using (ConversationLease<ConversationMessage> conversation = Conversations.AcquireAsync($"{text} {i % 4}").AsTask().GetAwaiter().GetResult())
            {
                conversation.Append(new(MessageRole.User, $"{text} {i}"));
            }
        }

        Cache.TryGet(text, out _);
        Queue.TryDequeue(out _);
        Subscription = Hub.Subscribe();
    }

    public BoundedCache<string, string> Cache => _services.GetRequiredService<BoundedCache<string, string>>();

    public BroadcastHub<EventPayload> Hub => _services.GetRequiredService<BroadcastHub<EventPayload>>();

    public HubSubscription<EventPayload> Subscription { get; }

    public DropOldestQueue<string> Queue => _services.GetRequiredService<DropOldestQueue<string>>();

    public ConcurrentRingBuffer<string> Ring => _services.GetRequiredService<ConcurrentRingBuffer<string>>();

    public RingBuffer<string> OwnRing { get; }

    public SessionStore Sessions => _services.GetRequiredService<SessionStore>();

    public ConversationStore<string, ConversationMessage> Conversations => _services.GetRequiredService<ConversationStore<string, ConversationMessage>>();

    public ConversationWindow<ConversationMessage> Window { get; }

    public MemoryBudget Budget => _services.GetRequiredService<MemoryBudget>();

    public MemoryWatchdog Watchdog => _services.GetRequiredService<MemoryWatchdog>();

    /// <summary>Items of each, by how requests name it.</summary>
    public Dictionary<string, long> Items => new()
    {
        ["cache/a cache"] = Cache.Count,
        ["sse/hub"] = Hub.Count,
        ["queues/queue"] = Queue.Count,
        ["rings/ring"] = Ring.Count,
        ["rings/own ring"] = OwnRing.Count,
        ["sessions/sessions"] = Sessions.Count,
        ["conversations/store"] = Conversations.Statistics.Messages,
        ["conversations/a window"] = Window.Count,
    };

    public static void Add(IServiceCollection services) => Add(services, disk: null);

    /// <param name="services">The services.</param>
    /// <param name="disk">Where the ring and the store write to; null: nowhere.</param>
    public static void Add(IServiceCollection services, BrokenDisk? disk)
    {
        services.AddMemoryBudget(50_000_000, "all");
        services.AddBoundedCache<string, string>("a cache", options => options.MaxBytes = 1_000_000);
        services.AddBroadcastHub<EventPayload>("hub", options => options.MaxCount = 10);
        services.AddDropOldestQueue<string>("queue", options => options.MaxCount = 10);
        services.AddConcurrentRingBuffer<string>("ring", options => (options.MaxCount, options.Archive, options.ArchiveAbove, options.KeepInMemory) = (disk is null ? 10 : 100, disk, 5, 2));
        services.AddSessionStore("sessions", options => options.MaxBytes = 1_000_000);
        services.AddConversationStore<string, ConversationMessage>("store", options => (options.MaxBytes, options.Sink) = (1_000_000, disk));
        services.AddSingleton(provider => new MemoryWatchdog(
            new() { ProcessLimit = 1L << 40, Budget = provider.GetRequiredService<MemoryBudget>(), MeterFactory = provider.GetRequiredService<IMeterFactory>() }));
    }
}
