using Microsoft.Extensions.Logging;

namespace BoundedMemory.HttpTests.Admin;

/// <summary>A cache as its meter sees it, which throws when it is trimmed or cleared.</summary>
internal sealed class BrokenCache(string name, Exception error) : ITrimmable, IMeterSource<CacheStatistics>
{
    public string Name => name;

    public CacheStatistics Statistics => new() { Count = 1, Bytes = 100 };

    public ReclaimPriority Priority => ReclaimPriority.Cache;

    public long UsedBytes => long.MaxValue / 4;

    public long ReclaimableBytes => long.MaxValue / 4;

    public long Reclaim(long targetBytes) => throw error;

    public long Trim(long bytes) => throw error;

    public void Clear() => throw error;
}

/// <summary>An archive and a sink that refuse everything, and say what.</summary>
internal sealed class BrokenDisk : IItemArchive<string>, IConversationSink<string, ConversationMessage>
{
    public ValueTask<ArchiveResult> WriteAsync(ReadOnlyMemory<string> items, CancellationToken cancellationToken) => throw new IOException(items.Span[0]);

    public ValueTask FlushAsync(CancellationToken cancellationToken) => default;

    public ValueTask WriteAsync(ConversationWrite<string, ConversationMessage> write, CancellationToken cancellationToken) =>
        throw new IOException($"{write.Key} {write.Appended[0].Message.Text}");
}

/// <summary>Everything that is logged, as text.</summary>
internal sealed class LogCapture : ILoggerProvider, ILogger
{
    public Tests.Support.Log<string> Lines { get; } = new();

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Lines.Add($"{formatter(state, exception)} {exception}");

    public void Dispose()
    {
    }
}
