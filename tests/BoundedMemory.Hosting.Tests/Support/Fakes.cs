using BoundedMemory.Tests.Support;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace BoundedMemory.Hosting.Tests.Support;

/// <summary>An application that only counts how often it was asked to stop.</summary>
internal sealed class FakeLifetime : IHostApplicationLifetime
{
    private int _stops;

    public int Stops => Volatile.Read(ref _stops);

    /// <summary>Thrown when it is asked to stop.</summary>
    public Exception? Failure { get; set; }

    /// <summary>The thread it was asked on.</summary>
    public Thread? StoppedOn { get; private set; }

    public CancellationToken ApplicationStarted => CancellationToken.None;

    public CancellationToken ApplicationStopping => CancellationToken.None;

    public CancellationToken ApplicationStopped => CancellationToken.None;

    public void StopApplication()
    {
        StoppedOn = Thread.CurrentThread;
        Interlocked.Increment(ref _stops);
        if (Failure is not null)
        {
            throw Failure;
        }
    }
}

/// <summary>Everything that is logged, in order.</summary>
internal sealed class LogCapture<T> : ILogger<T>, ILoggerProvider
{
    private readonly Log<(string? Category, LogLevel Level, EventId Event, string Message)> _entries = new();
    private readonly string? _category;

    public LogCapture()
    {
    }

    private LogCapture(Log<(string? Category, LogLevel Level, EventId Event, string Message)> entries, string category) => (_entries, _category) = (entries, category);

    public IReadOnlyList<(string? Category, LogLevel Level, EventId Event, string Message)> Entries => _entries.Items;

    public IEnumerable<(LogLevel Level, string Message)> Of(int eventId) => Entries.Where(e => e.Event.Id == eventId).Select(e => (e.Level, e.Message));

    public ILogger CreateLogger(string categoryName) => new LogCapture<T>(_entries, categoryName);

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _entries.Add((_category, logLevel, eventId, formatter(state, exception)));

    public void Dispose()
    {
    }
}
