using System.Diagnostics;
using System.Threading.RateLimiting;

namespace BoundedMemory;

/// <summary>Refuses work while memory is short: no permit from a level of the watchdog on, as many as one wants below it.</summary>
/// <remarks>
/// <para><b>What it says.</b> A refused lease has a <see cref="MetadataName.ReasonPhrase"/> (<c>"Memory pressure: Critical"</c>) and a <see cref="MetadataName.RetryAfter"/>
/// (<see cref="MemoryPressureLimiterOptions.RetryAfter"/>). It is refused at once: nothing waits here.</para>
/// <para><b>What it goes by.</b> The watchdog's level as of its last sample. A watchdog that does not run changes none; whether it runs is for the health check to say.</para>
/// <para><b>Permits.</b> A lease holds nothing and need not be disposed. Asking for no permits tells whether there are any, and counts like any other request.</para>
/// <para><b>Cost.</b> One volatile read, one count; 0 bytes, admitted or refused, waiting or not.</para>
/// <para><b>Thread safety.</b> All members are thread-safe.</para>
/// </remarks>
/// <example>
/// <code>
/// using var watchdog = new MemoryWatchdog(new() { ProcessLimit = 1_500_000_000 });
/// watchdog.Start();
/// using var pressure = new MemoryPressureLimiter(watchdog);
/// using var three = new ConcurrencyLimiter(new() { PermitLimit = 3, QueueLimit = 10 });
/// using RateLimiter admission = pressure.Around(three);
///
/// using RateLimitLease lease = await admission.AcquireAsync();
/// if (!lease.IsAcquired)
/// {
///     lease.TryGetMetadata(MetadataName.ReasonPhrase, out string? reason);
///     Console.WriteLine($"Refused: {reason}");
/// }
/// </code>
/// </example>
[DebuggerDisplay("{Name,nq}: from {_options.DenyFrom}, {Admitted} admitted, {Refused} refused")]
public sealed class MemoryPressureLimiter : RateLimiter, IMeterSource<AdmissionReading>
{
    private const int AdmittedCounter = 0;
    private const int RefusedCounter = 1;

    private readonly MemoryWatchdog _watchdog;
    private readonly MemoryPressureLimiterOptions _options;
    private readonly AdmissionMeter _meter;
    private readonly WeakReference<IMeterSource<AdmissionReading>> _meterLink;

    /// <summary>The answer to give at each level.</summary>
    private readonly PressureLease[] _answers;

    private readonly ThreadCounters _counters = new(ThreadCounters.DefaultCells);
    private bool _isDisposed;

    /// <summary>Creates a limiter.</summary>
    /// <param name="watchdog">Whose level it goes by; neither started nor disposed here.</param>
    /// <param name="options">When it refuses; copied. Null: the defaults.</param>
    /// <exception cref="ArgumentNullException"><paramref name="watchdog"/> is null.</exception>
    /// <exception cref="ArgumentException">An option is missing or out of its range; the message names it, its value and its range (<see cref="ArgumentOutOfRangeException"/> where a value is out
    /// of its range).</exception>
    public MemoryPressureLimiter(MemoryWatchdog watchdog, MemoryPressureLimiterOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(watchdog);
        options ??= new MemoryPressureLimiterOptions();
        OptionErrors.ThrowFirst(MemoryPressureLimiterOptionsValidator.FindErrors(options));
        _watchdog = watchdog;
        _options = options.Copy();
        _answers =
        [
            .. Enum.GetValues<MemoryPressureLevel>().Order().Select(
                level => level < _options.DenyFrom ? PressureLease.Admitted : PressureLease.Refused(level, _options.RetryAfter)),
        ];
        _meter = AdmissionMeter.For(_options.MeterFactory);
        _meterLink = _meter.Add(this);
    }

    /// <summary>The name from the options.</summary>
    public string Name => _options.Name;

    /// <summary>Always null: it holds nothing that could be idle.</summary>
    /// <remarks>A chain is as idle as those of its limiters that say so. A time here would let a <see cref="PartitionedRateLimiter{TResource}"/> drop a chain whose permits are out, and begin a
    /// new one.</remarks>
    public override TimeSpan? IdleDuration => null;

    AdmissionReading IMeterSource<AdmissionReading>.Statistics => new(Admitted, Refused);

    private long Admitted => _counters.Sum(AdmittedCounter);

    private long Refused => _counters.Sum(RefusedCounter);

    private bool IsRefusing => !_answers[(int)_watchdog.Level].IsAcquired;

    /// <summary>What it has answered so far. Available are <see cref="long.MaxValue"/> permits, or none while it refuses; nothing ever waits.</summary>
    public override RateLimiterStatistics GetStatistics() => new()
    {
        CurrentAvailablePermits = IsRefusing ? 0 : long.MaxValue,
        TotalSuccessfulLeases = Admitted,
        TotalFailedLeases = Refused,
    };

    /// <summary>Refuses before a limiter that lets its callers wait, and again after the wait: what waited while memory became short is not begun either.</summary>
    /// <param name="limiter">What limits otherwise, a <see cref="ConcurrencyLimiter"/> for example; not disposed with what is returned.</param>
    /// <returns>A limiter that gives a lease when both do. A permit of <paramref name="limiter"/> that is of no use any more is given back at once. What it has admitted, and no more than that, is
    /// counted here as admitted.</returns>
    /// <remarks><c>RateLimiter.CreateChained(pressure, limiter)</c> looks at the level once, before the wait.</remarks>
    /// <exception cref="ArgumentNullException"><paramref name="limiter"/> is null.</exception>
    public RateLimiter Around(RateLimiter limiter)
    {
        ArgumentNullException.ThrowIfNull(limiter);
        return CreateChained(new FrontGate(this), limiter, this);
    }

    /// <summary>This limiter as one for all resources: for ASP.NET Core's <c>GlobalLimiter</c>, or to be chained with partitioned ones.</summary>
    /// <typeparam name="TResource">Type of the resources, <c>HttpContext</c> for example.</typeparam>
    /// <remarks>It makes no partitions, and does not dispose this limiter.</remarks>
    public PartitionedRateLimiter<TResource> ForAll<TResource>() => new Shared<TResource>(this);

    /// <inheritdoc/>
    protected override RateLimitLease AttemptAcquireCore(int permitCount) => Acquire();

    /// <inheritdoc/>
    protected override ValueTask<RateLimitLease> AcquireAsyncCore(int permitCount, CancellationToken cancellationToken) => new(Acquire());

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (!Interlocked.Exchange(ref _isDisposed, true))
        {
            _meter.Remove(_meterLink);
        }

        base.Dispose(disposing);
    }

    private PressureLease Acquire()
    {
        PressureLease answer = Answer();
        _counters.Increment(answer.IsAcquired ? AdmittedCounter : RefusedCounter);
        return answer;
    }

    /// <summary>As <see cref="Acquire"/>, for who passes another gate later and is counted there.</summary>
    private PressureLease Pass()
    {
        PressureLease answer = Answer();
        if (!answer.IsAcquired)
        {
            _counters.Increment(RefusedCounter);
        }

        return answer;
    }

    /// <remarks>The level is a number of its own, and the answers never change: nothing has to be ordered with it.</remarks>
    private PressureLease Answer()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        return _answers[(int)_watchdog.Level];
    }

    /// <summary>Refuses like its owner, and counts that there; who passes is counted behind the wait. It has no statistics of its own: a chain adds up those of its parts.</summary>
    private sealed class FrontGate(MemoryPressureLimiter owner) : RateLimiter
    {
        public override TimeSpan? IdleDuration => null;

        public override RateLimiterStatistics? GetStatistics() => null;

        protected override RateLimitLease AttemptAcquireCore(int permitCount) => owner.Pass();

        protected override ValueTask<RateLimitLease> AcquireAsyncCore(int permitCount, CancellationToken cancellationToken) => new(owner.Pass());
    }

    private sealed class Shared<TResource>(MemoryPressureLimiter owner) : PartitionedRateLimiter<TResource>
    {
        public override RateLimiterStatistics? GetStatistics(TResource resource) => owner.GetStatistics();

        protected override RateLimitLease AttemptAcquireCore(TResource resource, int permitCount) => owner.Acquire();

        protected override ValueTask<RateLimitLease> AcquireAsyncCore(TResource resource, int permitCount, CancellationToken cancellationToken) => new(owner.Acquire());
    }
}
