namespace BoundedMemory;

/// <summary>The validated copy of a store's options, in the form in which the store uses them.</summary>
internal sealed class SessionSettings
{
    private readonly TransientKeys _transientKeys;
    private readonly Sizer<object> _valueSizer;
    private readonly Sizer<string> _textSizer = ObjectSizer.For<string>();
    private readonly bool _refreshes;
    private readonly bool _measures;

    public SessionSettings(SessionStoreOptions options)
    {
        OptionErrors.ThrowFirst(SessionStoreOptionsValidator.FindErrors(options));
        Name = options.Name;
        MaxSessionBytes = options.MaxSessionBytes;
        MaxEntries = options.MaxEntries;
        MaxValueBytes = options.MaxValueBytes ?? Math.Min(SessionLimits.DefaultValueBytes, options.MaxSessionBytes);
        MaxKeyLength = options.MaxKeyLength;
        EvictsTransient = options.FullMode == SessionFullMode.EvictTransient;
        DisposeValues = options.DisposeValues;
        EntryRemoved = options.EntryRemoved;
        Evicted = options.Evicted;
        _transientKeys = options.TransientKeys.Copy();
        _measures = options.ValueSizer is null;
        _valueSizer = options.ValueSizer ?? ObjectSizer.For<object>();
        _refreshes = options.RefreshOnRelease;
    }

    public string Name { get; }

    public long MaxSessionBytes { get; }

    public int MaxEntries { get; }

    public long MaxValueBytes { get; }

    public int MaxKeyLength { get; }

    public bool EvictsTransient { get; }

    public bool DisposeValues { get; }

    public Action<RemovedSessionEntry>? EntryRemoved { get; }

    public Action<EvictedSession>? Evicted { get; }

    /// <summary>Somebody has to be told about entries that have left, or they have to be disposed.</summary>
    public bool FollowsEntries => DisposeValues || EntryRemoved is not null;

    public bool IsTransient(string key) => _transientKeys.Contains(key);

    /// <summary>What a key, or the name of a scope, retains.</summary>
    public long BytesOf(string text) => _textSizer.Measure(text).Bytes;

    /// <summary>Measures a value. Runs the user's code: under no lock.</summary>
    /// <param name="value">The value.</param>
    /// <param name="bytes">What it retains, as far as it could be counted.</param>
    /// <param name="detail">Where counting stopped.</param>
    /// <returns>Why the value is refused, whatever else is in the session; <see cref="SessionSetStatus.Stored"/> if it is not.</returns>
    public SessionSetStatus Measure(object? value, out long bytes, out string? detail)
    {
        SizeResult size = value is null ? default : _valueSizer.Measure(value);
        bytes = Math.Min(size.Bytes, CacheLimits.MostValueBytes);
        detail = size.Quality == SizeQuality.CapHit ? $"{size.StoppedAtType} at {size.StoppedAtPath}" : null;

        // What is too large already does not become smaller by counting on.
        return bytes > MaxValueBytes ? SessionSetStatus.TooLarge : detail is null ? SessionSetStatus.Stored : SessionSetStatus.SizeUnknown;
    }

    /// <summary>Whether a value that is handed out may retain more when it comes back: what has no references cannot, unless it says itself what it retains.</summary>
    public unsafe bool MayGrow(object? value) =>
        _refreshes && value is not null and not string && (!_measures || value is IHasSize || !HeapLayout.IsKnown || HeapLayout.TypeOf(value)->HasReferences);
}
