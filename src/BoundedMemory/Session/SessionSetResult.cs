using System.Globalization;

namespace BoundedMemory;

/// <summary>What became of a value that was to be stored in a session.</summary>
public enum SessionSetStatus
{
    /// <summary>Stored; the key's former value, if there was one, has been replaced.</summary>
    Stored,

    /// <summary>Refused: the value alone is larger than <see cref="SessionStoreOptions.MaxValueBytes"/>. It belongs into a <see cref="BoundedCache{TKey, TValue}"/>, and
    /// its key into the session.</summary>
    TooLarge,

    /// <summary>Refused: it would make the session exceed <see cref="SessionStoreOptions.MaxSessionBytes"/> or <see cref="SessionStoreOptions.MaxEntries"/>.</summary>
    Full,

    /// <summary>Refused: the store has no room, and all sessions that could make some are leased or gone; or its budget is exhausted by others.</summary>
    OverBudget,

    /// <summary>Refused: its size cannot be measured.</summary>
    SizeUnknown,
}

/// <summary>What became of a value that was to be stored in a session, and why. A refused value leaves what was stored under the key before untouched.</summary>
public readonly record struct SessionSetResult
{
    private readonly string? _detail;

    internal SessionSetResult(SessionSetStatus status, long bytes, long limit = 0, string? detail = null)
    {
        Status = status;
        Bytes = bytes;
        Limit = limit;
        _detail = detail;
    }

    /// <summary>Whether it was stored, or why not.</summary>
    public SessionSetStatus Status { get; }

    /// <summary>Whether the value is in the session.</summary>
    public bool IsStored => Status == SessionSetStatus.Stored;

    /// <summary>Bytes that the value retains, measured; with <see cref="SessionSetStatus.SizeUnknown"/> those that were counted before counting stopped.</summary>
    public long Bytes { get; }

    /// <summary>The limit that refused it: bytes of a value, or bytes or entries of a session; 0 if it was none of these.</summary>
    public long Limit { get; }

    /// <summary>What happened, in a sentence, for a log or an exception; where a value is too large, also where it belongs. Made when it is asked for.</summary>
    public string Message => Status switch
    {
        SessionSetStatus.Stored => "Stored.",
        SessionSetStatus.TooLarge => string.Create(
            CultureInfo.InvariantCulture,
            $"The value retains {Bytes:N0} bytes, and session state takes values of up to {Limit:N0} ({nameof(SessionStoreOptions.MaxValueBytes)}). Keep it in a BoundedCache, where it is stored once for all users, and in the session its key."),
        SessionSetStatus.Full => string.Create(
            CultureInfo.InvariantCulture,
            $"The session is full: with this value of {Bytes:N0} bytes it would exceed its limit of {Limit:N0} {_detail}. Remove what is no longer needed, or enter another scope."),
        SessionSetStatus.OverBudget => string.Create(
            CultureInfo.InvariantCulture,
            $"The store has no room for this value of {Bytes:N0} bytes: the sessions that fill it are in use, or others have exhausted its budget."),
        _ => string.Create(
            CultureInfo.InvariantCulture,
            $"The size of the value cannot be measured: counting stopped after {Bytes:N0} bytes, at {_detail}. Store less, mark what it does not own, or give a sizer."),
    };
}
