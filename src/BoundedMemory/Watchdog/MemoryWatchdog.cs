using System.Diagnostics;

namespace BoundedMemory;

/// <summary>Watches the memory of the process, and keeps it below its limit: asks registered consumers for memory, by priority, and makes the collector return it.</summary>
/// <remarks>
/// <para><b>What it looks at.</b> The nearest of these limits (<see cref="MemorySample.Term"/>): that of the container, <see cref="MemoryWatchdogOptions.ProcessLimit"/>, the collector's own, and the
/// machine's where there is no other. What cannot be read is unknown: it is counted, raises no level and ends none.</para>
/// <para><b>What it does.</b> From <see cref="MemoryPressureLevel.Warning"/> on, where objects are what is too much, consumers are asked for what is missing, a part of each at a time, and a
/// collection beside the running threads follows; where the collector keeps too much for itself, it is made to return it, at Critical and above. Against memory that is neither it can
/// do nothing: <see cref="OnLevelChanged"/> is for whoever can refuse work, or restart.</para>
/// <para><b>What is lost.</b> What consumers drop when they are asked; each counts that itself. Never below a guarantee, but at <see cref="MemoryPressureLevel.Abort"/>.</para>
/// <para><b>Thread.</b> <see cref="Start"/> starts a thread of its own: a thread pool without a free thread does not delay it. It waits by the
/// <see cref="MemoryWatchdogOptions.TimeProvider"/>: by itself for <see cref="TimeProvider.System"/>, by a timer of any other, which is as punctual as that.</para>
/// <para><b>Cost.</b> A sample takes 10 us and allocates 288 bytes, once in 250 ms to 10 s, the more often the nearer the limit may be. Reading <see cref="Level"/> is one volatile read.</para>
/// <para><b>Thread safety.</b> All members are thread-safe. Consumers and callbacks are called under no lock.</para>
/// </remarks>
/// <example>
/// <code>
/// using var watchdog = new MemoryWatchdog(new() { ProcessLimit = 500_000_000 });
/// using IDisposable registration = watchdog.Register(cache, guaranteedBytes: 10_000_000);
/// using IDisposable _ = watchdog.OnLevelChanged(change => Console.WriteLine($"{change.To}: {change.Sample.LiveBytes} bytes live"));
/// watchdog.Start();
/// </code>
/// </example>
[DebuggerDisplay("{Name,nq}: {Level}, {Sample.Utilization} of the limit ({Sample.Term})")]
public sealed partial class MemoryWatchdog : IMeterSource<WatchdogReading>, IDisposable
{
    private readonly MemoryWatchdogOptions _options;
    private readonly WatchdogCounters _counters = new();
    private readonly ConsumerRegistry _consumers = new();
    private readonly WatchdogCallbacks _callbacks;
    private readonly PressureRelief _relief;
    private readonly WatchdogMeter _meter;
    private readonly WeakReference<IMeterSource<WatchdogReading>> _meterLink;
    private readonly long _createdAt;

    /// <summary>Creates a watchdog that does not run yet.</summary>
    /// <param name="options">What it watches and when it acts; copied.</param>
    /// <exception cref="ArgumentNullException"><paramref name="options"/> is null.</exception>
    /// <exception cref="ArgumentException">An option is missing, out of its range or contradicts another; the message names it, its value and its
    /// range (<see cref="ArgumentOutOfRangeException"/> where a value is out of its range).</exception>
    public MemoryWatchdog(MemoryWatchdogOptions options)
        : this(options, probes: null, RuntimeCollector.Instance)
    {
    }

    /// <param name="options">As above.</param>
    /// <param name="probes">What is read, in this order; null: what this system has.</param>
    /// <param name="collector">What is made to collect.</param>
    internal MemoryWatchdog(MemoryWatchdogOptions options, IMemoryProbe[]? probes, ICollector collector)
    {
        ArgumentNullException.ThrowIfNull(options);
        OptionErrors.ThrowFirst(MemoryWatchdogOptionsValidator.FindErrors(options));
        _options = options.Copy();
        _createdAt = _options.TimeProvider.GetTimestamp();
        _probes = probes ?? MemoryProbes.OfThisSystem();
        _callbacks = new WatchdogCallbacks(_counters);
        _levels = new PressureLevels(_options);
        _interval = _options.MinInterval;
        _reclaimer = new Reclaimer(_consumers, _counters, _options.Dwell > TimeSpan.Zero ? _options.Dwell : TimeSpan.FromSeconds(1));
        _relief = new PressureRelief(_options, _reclaimer, collector, _counters);
        _published = new Published { Interval = _options.MinInterval };
        _meter = WatchdogMeter.For(_options.MeterFactory);
        _meterLink = _meter.Add(this);
    }

    /// <summary>The name from the options.</summary>
    public string Name => _options.Name;

    /// <summary>The level as of the last sample: one volatile read.</summary>
    public MemoryPressureLevel Level => (MemoryPressureLevel)Volatile.Read(in _level);

    /// <summary>The last sample; of nothing but zeros before the first.</summary>
    public MemorySample Sample => ReadPublished().Sample;

    /// <summary>Time since the last sample, or, before the first, since the watchdog was created.</summary>
    public TimeSpan SampleAge => Now - ReadPublished().At;

    /// <summary>Whether the last sample is older than three intervals: nobody is watching, or not in time.</summary>
    public bool IsStale => ReadPublished() is var last && Now - last.At > 3 * last.Interval;

    /// <summary>Where memory is going, as of the last sample.</summary>
    public MemoryTrend Trend => ReadPublished().Trend;

    /// <summary>What the watchdog has done.</summary>
    public MemoryWatchdogStatistics Statistics => _counters.Read();

    /// <summary>What is registered and alive, in the order of its names.</summary>
    public IReadOnlyList<IMemoryReclaimer> Consumers
    {
        get
        {
            var alive = new List<(Consumer Consumer, IMemoryReclaimer Target)>();
            _consumers.List(alive);
            return [.. alive.Select(static c => c.Target).OrderBy(NameOf, StringComparer.Ordinal)];
        }
    }

    /// <summary>Whether the last sample could read the use of every limit that is known. False before the first.</summary>
    internal bool IsKnown => ReadPublished().IsKnown;

    /// <summary>Time until the next sample.</summary>
    internal TimeSpan Interval => ReadPublished().Interval;

    /// <summary>Since the watchdog was created.</summary>
    private TimeSpan Now => _options.TimeProvider.GetElapsedTime(_createdAt);

    WatchdogReading IMeterSource<WatchdogReading>.Statistics => new(Statistics, ReadPublished(), Level, SampleAge, _options);

    /// <summary>Asks a consumer for memory under pressure, for as long as it lives (it is not kept alive), or until what is returned is disposed.</summary>
    /// <param name="reclaimer">The consumer. One that is registered more than once is asked once, and keeps the highest of its guarantees.</param>
    /// <param name="guaranteedBytes">Bytes it is left with below <see cref="MemoryPressureLevel.Abort"/>; at least 0.</param>
    /// <exception cref="ArgumentNullException"><paramref name="reclaimer"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="guaranteedBytes"/> is negative.</exception>
    /// <exception cref="ObjectDisposedException">The watchdog is disposed.</exception>
    public IDisposable Register(IMemoryReclaimer reclaimer, long guaranteedBytes = 0)
    {
        ArgumentNullException.ThrowIfNull(reclaimer);
        ArgumentOutOfRangeException.ThrowIfNegative(guaranteedBytes);
        ObjectDisposedException.ThrowIf(Volatile.Read(in _isDisposed), this);
        return _consumers.Add(reclaimer, guaranteedBytes);
    }

    /// <summary>Calls back on each change of level, after it was acted upon, on the thread that took the sample.</summary>
    /// <param name="callback">Called under no lock. What it throws is counted and swallowed; while it runs no sample is taken.</param>
    /// <returns>Ends that when it is disposed.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="callback"/> is null.</exception>
    /// <exception cref="ObjectDisposedException">The watchdog is disposed.</exception>
    public IDisposable OnLevelChanged(Action<MemoryPressureChange> callback)
    {
        ArgumentNullException.ThrowIfNull(callback);
        ObjectDisposedException.ThrowIf(Volatile.Read(in _isDisposed), this);
        return _callbacks.Add(callback);
    }

    /// <summary>Asks consumers for bytes now, in the order in which they are asked under pressure; not below their guarantees. Collects nothing.</summary>
    /// <param name="bytes">Bytes wanted; at least 0.</param>
    /// <returns>Bytes given: less, if there is no more; more, where the smallest piece of some consumer is larger.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="bytes"/> is negative.</exception>
    /// <exception cref="ObjectDisposedException">The watchdog is disposed.</exception>
    public long Reclaim(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        ObjectDisposedException.ThrowIf(Volatile.Read(in _isDisposed), this);
        return bytes == 0 ? 0 : _relief.Reclaim(Now, bytes, share: 1, ReclaimPriority.Essential, isLastResort: false);
    }

    /// <summary>Ends the watchdog's thread, and waits for it unless it is the one that calls; consumers are not asked any more, and a limit of the heap that was set is taken back. The last
    /// sample and the statistics remain.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, true))
        {
            return;
        }

        StopThread();
        _relief.End();
        _meter.Remove(_meterLink);
        foreach (IDisposable probe in _probes.OfType<IDisposable>())
        {
            probe.Dispose();
        }
    }

    private static string NameOf(IMemoryReclaimer consumer)
    {
        try
        {
            return consumer.Name;
        }
        catch (Exception)
        {
            return "";
        }
    }
}
