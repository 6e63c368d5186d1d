using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace BoundedMemory;

/// <summary>Stops the application so that it is started anew: after so many requests, when memory has been short for too long, or on request; once, gracefully, and not before a minimum uptime.</summary>
/// <remarks>
/// <para><b>How.</b> <see cref="IHostApplicationLifetime.StopApplication"/>, once: the host stops taking work and finishes what is under way, within its shutdown timeout. The call is made on a
/// thread of its own, because it runs whatever waits for the end of the application: neither a request nor the watchdog waits for that. The process ends with exit code 0; starting it again is the work of
/// whoever runs it (Kubernetes, systemd with <c>Restart=always</c>, IIS).</para>
/// <para><b>When.</b> Who asks first gives the reason; all others change nothing. What was asked for before <see cref="WorkerRecyclingOptions.MinUptime"/> waits until then, and is not taken back
/// should memory be there again.</para>
/// <para><b>Cost.</b> <see cref="RequestCompleted"/> is one interlocked increment, 0 bytes.</para>
/// <para><b>Thread safety.</b> All members are thread-safe.</para>
/// </remarks>
/// <example>
/// <code>
/// services.AddWorkerRecycling(options =>
/// {
///     options.MaxRequests = 100_000;
///     options.Level = MemoryPressureLevel.Critical;
///     options.LevelFor = TimeSpan.FromMinutes(2);
/// });
/// </code>
/// </example>
[DebuggerDisplay("{CompletedRequests} of {MaxRequests} requests, recycling: {IsRecycling} {Reason}")]
public sealed class WorkerRecycler : IDisposable
{
    private readonly WorkerRecyclingOptions _options;
    private readonly IHostApplicationLifetime _lifetime;
    private readonly MemoryWatchdog? _watchdog;
    private readonly ILogger _logger;
    private readonly long _createdAt;

    /// <summary>Set while the level is held.</summary>
    private readonly Alarm _held;

    /// <summary>Set from a request until the minimum uptime.</summary>
    private readonly Alarm _due;

    private readonly Lock _levelGate = new();
    private readonly IDisposable? _levels;
    private long _completed;

    /// <summary>Written once, by whoever asks first.</summary>
    private string? _reason;

    private bool _isRecycling;
    private bool _isDisposed;

    /// <summary>Creates a recycler; its uptime begins.</summary>
    /// <param name="options">When it recycles; copied.</param>
    /// <param name="lifetime">The application to stop.</param>
    /// <param name="watchdog">Whose levels count; needed for <see cref="WorkerRecyclingOptions.Level"/>.</param>
    /// <param name="logger">Is told when recycling is asked for and when it begins. Null: nobody.</param>
    /// <exception cref="ArgumentNullException"><paramref name="options"/> or <paramref name="lifetime"/> is null.</exception>
    /// <exception cref="ArgumentException">An option is missing, out of its range, or needs a watchdog; the message names it, its value and its range
    /// (<see cref="ArgumentOutOfRangeException"/> where a value is out of its range).</exception>
    public WorkerRecycler(WorkerRecyclingOptions options, IHostApplicationLifetime lifetime, MemoryWatchdog? watchdog = null, ILogger<WorkerRecycler>? logger = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(lifetime);
        OptionErrors.ThrowFirst(WorkerRecyclingOptionsValidator.FindErrors(options, hasWatchdog: watchdog is not null));
        _options = options.Copy();
        (_lifetime, _watchdog, _logger) = (lifetime, watchdog, logger ?? (ILogger)NullLogger.Instance);
        _createdAt = _options.TimeProvider.GetTimestamp();
        MaxRequests = Draw(_options);
        _held = new Alarm(_options.TimeProvider, OnHeld);
        _due = new Alarm(_options.TimeProvider, Recycle);
        if (_options.Level is not null)
        {
            // Whatever changes from here on is told; what is so already was told before.
            _levels = watchdog!.OnLevelChanged(_ => FollowLevel());
            FollowLevel();
        }
    }

    /// <summary>Requests after which the worker is recycled: <see cref="WorkerRecyclingOptions.MaxRequests"/> with its jitter; null without.</summary>
    public long? MaxRequests { get; }

    /// <summary>Requests that were completed.</summary>
    public long CompletedRequests => Interlocked.Read(ref _completed);

    /// <summary>Time since the recycler was created.</summary>
    public TimeSpan Uptime => _options.TimeProvider.GetElapsedTime(_createdAt);

    /// <summary>Whether recycling was asked for, by whatever; the application may go on until its minimum uptime.</summary>
    public bool IsRequested => Reason is not null;

    /// <summary>Whether the application was asked to stop.</summary>
    public bool IsRecycling => Volatile.Read(in _isRecycling);

    /// <summary>Why recycling was asked for; null while it was not.</summary>
    public string? Reason => Volatile.Read(in _reason);

    /// <summary>Counts a request that was completed, in whatever way. ASP.NET Core: <c>app.UseWorkerRecycling()</c>.</summary>
    public void RequestCompleted()
    {
        // Each number is reached by one caller only.
        if (Interlocked.Increment(ref _completed) == MaxRequests)
        {
            RequestRecycle(string.Create(CultureInfo.InvariantCulture, $"{MaxRequests} requests were completed"));
        }
    }

    /// <summary>Asks for the worker to be recycled, now or after its minimum uptime.</summary>
    /// <param name="reason">Why, for the log and the health check; a few words, nothing of what users sent. Not empty.</param>
    /// <returns>False if it was asked for before, or the recycler is disposed: nothing changes then.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="reason"/> is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="reason"/> is empty.</exception>
    public bool RequestRecycle(string reason)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(reason);
        if (Volatile.Read(in _isDisposed) || Interlocked.CompareExchange(ref _reason, reason, null) is not null)
        {
            return false;
        }

        TimeSpan wait = _options.MinUptime - Uptime;
        if (wait <= TimeSpan.Zero)
        {
            Recycle();
        }
        else
        {
            HostingLog.RecyclingRequested(_logger, reason, wait);
            _due.Set(wait);
        }

        return true;
    }

    /// <summary>Ends counting and waiting: the application is not asked to stop any more.</summary>
    public void Dispose()
    {
        Volatile.Write(ref _isDisposed, true);
        _levels?.Dispose();
        _held.Dispose();
        _due.Dispose();
    }

    private static long? Draw(WorkerRecyclingOptions options) => options.MaxRequests is { } most
        ? Math.Max(1, (long)Math.Round(most * (1 + (options.Jitter * ((2 * options.Random.NextDouble()) - 1)))))
        : null;

    /// <summary>Begins to wait when the level is reached, and ends that when it is left.</summary>
    /// <remarks>The level is read under the gate: of two calls at once the later one acts on the later level.</remarks>
    private void FollowLevel()
    {
        lock (_levelGate)
        {
            if (_watchdog!.Level >= _options.Level)
            {
                _held.Set(_options.LevelFor);
            }
            else
            {
                _held.Reset();
            }
        }
    }

    private void OnHeld() => RequestRecycle(
        string.Create(CultureInfo.InvariantCulture, $"memory pressure has been {_options.Level} or above for {_options.LevelFor}"));

    /// <summary>Reached once: by whoever asked, or by the alarm that was set for that.</summary>
    private void Recycle()
    {
        Debug.Assert(!_isRecycling, "Only one request is the first.");
        Volatile.Write(ref _isRecycling, true);
        HostingLog.Recycling(_logger, _reason!, Uptime, CompletedRequests);
        new Thread(Stop) { IsBackground = true, Name = "worker recycling" }.UnsafeStart();
    }

    private void Stop()
    {
        try
        {
            _lifetime.StopApplication();
        }
        catch (Exception error)
        {
            HostingLog.RecyclingFailed(_logger, error);
        }
    }
}
