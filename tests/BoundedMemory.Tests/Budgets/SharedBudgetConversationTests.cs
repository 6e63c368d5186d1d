using BoundedMemory.Tests.Conversation;
using BoundedMemory.Tests.Conversation.Store;

namespace BoundedMemory.Tests.Budgets;

/// <summary>Windows and stores take their bytes under locks, where nobody is asked: they ask when they have left them, and try again.</summary>
public sealed class SharedBudgetConversationTests : IDisposable
{
    private const long Limit = 2_000_000;

    private readonly MemoryBudget _root = new(Limit, "root");
    private readonly BoundedCache<int, byte[]> _cache;

    public SharedBudgetConversationTests()
    {
        _cache = new(new() { Name = "large", Budget = _root });
        for (int i = 0; i < 3000; i++)
        {
            _cache.Set(i, new byte[1000]);
        }

        // So that the next bytes are missing, not those after them.
        while (_root.TryReserveUnderLock(100))
        {
        }
    }

    public void Dispose()
    {
        _cache.Verify();
        _cache.Dispose();
        _root.Dispose();
    }

    [Fact]
    public void Append_WindowInAFullTree_OthersGive()
    {
        using ConversationWindow<Said> window = Window();
        for (int i = 1; i <= 5; i++)
        {
            Assert.Equal(AppendResult.Appended, window.Append(Said.User(new string('a', 40_000))));
        }

        RequireRoomTaken(window.Bytes, 400_000, window.Statistics.RejectedOverBudget);
        Assert.Equal((5, 5), (window.Count, window.Statistics.Appended));
    }

    [Fact]
    public void SetSummary_WindowInAFullTree_OthersGive()
    {
        using ConversationWindow<Said> window = Window();
        window.Append(Said.User("first"));
        Assert.Equal(AppendResult.Appended, window.SetSummary(Said.Assistant(new string('s', 100_000)), throughSequence: 0));
        RequireRoomTaken(window.Bytes, 200_000, window.Statistics.RejectedOverBudget);
    }

    [Fact]
    public void BuilderInAFullTree_OthersGiveForPiecesAndForTheWhole()
    {
        using ConversationWindow<Said> window = Window();
        using MessageBuilder<Said> builder = window.BeginMessage(MessageRole.Assistant);
        for (int i = 0; i < 20; i++)
        {
            Assert.Equal(AppendResult.Appended, builder.Append(new string('p', 5_000)));
        }

        while (_root.TryReserveUnderLock(100))
        {
        }

        Assert.Equal(AppendResult.Appended, builder.Complete(out _));
        RequireRoomTaken(window.Bytes, 200_000, window.Statistics.RejectedOverBudget);
        Assert.Equal(100_000, Assert.Single(window.Snapshot()).Text.Length);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Append_StoreInAFullTree_OthersGive(bool hasSink)
    {
        var storage = new RecordingStorage<string, ConversationMessage>();
        using ConversationStore<string, ConversationMessage> store = Stores.Create(options =>
        {
            options.MaxBytes = null;
            options.Budget = _root;
            options.Window.MaxBytes = Limit;
            options.Source = hasSink ? storage : null;
            options.Sink = hasSink ? storage : null;
        });
        using ConversationLease<ConversationMessage> lease = store.Acquire("a");
        for (int i = 0; i < 5; i++)
        {
            Assert.Equal(AppendResult.Appended, lease.Append(Stores.User(new string('a', 40_000))));
        }

        RequireRoomTaken(store.Bytes, 400_000, store.Statistics.RejectedOverBudget);
    }

    [Fact]
    public void Set_SessionsInAFullTree_OthersGive()
    {
        using var store = new SessionStore(new() { MaxBytes = null, Budget = _root, MaxSessionBytes = Limit, MaxValueBytes = Limit });
        using SessionLease session = store.Acquire("a");
        for (int i = 0; i < 5; i++)
        {
            Assert.True(session.Set($"k{i}", new byte[80_000]).IsStored);
        }

        RequireRoomTaken(store.Bytes, 400_000, store.Statistics.RejectedOverBudget);
    }

    [Fact]
    public void RefreshCharge_SessionsInAFullTree_OthersGiveAndTheValueStays()
    {
        using var store = new SessionStore(new() { MaxBytes = null, Budget = _root, MaxSessionBytes = Limit, MaxValueBytes = Limit });
        using SessionLease session = store.Acquire("a");
        var list = new List<byte[]>();
        Assert.True(session.Set("list", list).IsStored);
        for (int i = 0; i < 5; i++)
        {
            list.Add(new byte[80_000]);
            Assert.True(session.RefreshCharge("list")!.Value.IsStored);
        }

        RequireRoomTaken(store.Bytes, 400_000, store.Statistics.RejectedOverBudget);
        Assert.Equal((1, 0), (session.Count, store.Statistics.Evicted));
    }

    /// <summary>What cannot be had although others gave all is refused once, whoever was asked.</summary>
    [Fact]
    public void NobodyCanGiveEnough_IsRefusedAndCountedOnce()
    {
        using MemoryReservation all = _root.Reserve(1_500_000);
        using ConversationWindow<Said> window = Window();
        Assert.Equal(AppendResult.OverBudget, window.Append(Said.User(new string('a', 400_000))));
        Assert.Equal((0, 1), (window.Count, window.Statistics.RejectedOverBudget));

        using ConversationStore<string, ConversationMessage> store = Stores.Create(options => (options.MaxBytes, options.Budget, options.Window.MaxBytes) = (null, _root, Limit));
        using ConversationLease<ConversationMessage> lease = store.Acquire("a");
        Assert.Equal(AppendResult.OverBudget, lease.Append(Stores.User(new string('a', 400_000))));
        Assert.Equal((0, 1), (lease.Snapshot().Count, store.Verify().RejectedOverBudget));

        using var sessions = new SessionStore(new() { MaxBytes = null, Budget = _root, MaxSessionBytes = Limit, MaxValueBytes = Limit });
        using SessionLease session = sessions.Acquire("a");
        Assert.Equal(SessionSetStatus.OverBudget, session.Set("k", new byte[800_000]).Status);
        Assert.Equal((0, 1), (session.Count, sessions.Statistics.RejectedOverBudget));
    }

    private ConversationWindow<Said> Window() => new(new()
    {
        Adapter = SaidAdapter.Instance,
        MaxBytes = Limit,
        MaxMessages = 1000,
        FullContentCount = 1000,
        Content = null,
        Budget = _root,
    });

    private void RequireRoomTaken(long bytes, long least, long rejected)
    {
        Assert.True(bytes >= least, $"{bytes} bytes were taken.");
        Assert.Equal(0, rejected);
        Assert.InRange(_root.Used, 0, Limit);
        Assert.True(_cache.Statistics.Trimmed > 0);
    }
}
