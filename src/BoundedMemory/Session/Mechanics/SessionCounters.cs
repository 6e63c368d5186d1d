namespace BoundedMemory;

/// <summary>What a store counts that its cache does not. Thread-safe.</summary>
internal sealed class SessionCounters
{
    private readonly long[] _left = new long[(int)SessionRemovalCause.Scope + 1];

    private readonly long[] _rejected = new long[(int)SessionSetStatus.SizeUnknown + 1];

    private long _stored;

    private long _scopeChanges;

    private long _callbackFailures;

    public long Stored => Volatile.Read(in _stored);

    public long ScopeChanges => Volatile.Read(in _scopeChanges);

    public long CallbackFailures => Volatile.Read(in _callbackFailures);

    /// <summary>Entries there: what left is read first, so that it is never less than none.</summary>
    public long EntryCount
    {
        get
        {
            long left = 0;
            for (int i = 0; i < _left.Length; i++)
            {
                left += Volatile.Read(in _left[i]);
            }

            return Stored - left;
        }
    }

    public long LeftBy(SessionRemovalCause cause) => Volatile.Read(in _left[(int)cause]);

    public long RejectedAs(SessionSetStatus status) => Volatile.Read(in _rejected[(int)status]);

    public void Store() => Interlocked.Increment(ref _stored);

    public void Leave(SessionRemovalCause cause, int count) => Interlocked.Add(ref _left[(int)cause], count);

    public void Reject(SessionSetStatus status) => Interlocked.Increment(ref _rejected[(int)status]);

    public void ChangeScope() => Interlocked.Increment(ref _scopeChanges);

    public void Fail() => Interlocked.Increment(ref _callbackFailures);
}
