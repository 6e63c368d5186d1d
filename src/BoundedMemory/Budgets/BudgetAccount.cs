namespace BoundedMemory;

/// <summary>What a budget that was created by name has done, and its place in the meter. Written where somebody is refused or asked, which is rare.</summary>
internal sealed class BudgetAccount
{
    private readonly WeakReference<IMeterSource<MemoryBudgetStatistics>> _meterLink;

    private long _refusals;
    private long _reclaims;
    private long _reclaimsInVain;
    private long _consumerFailures;
    private long _requestedBytes;
    private long _reclaimedBytes;

    public BudgetAccount(BudgetMeter meter, MemoryBudget budget)
    {
        Meter = meter;
        _meterLink = meter.Add(budget);
    }

    public BudgetMeter Meter { get; }

    public long Refusals => Interlocked.Read(ref _refusals);

    public long Reclaims => Interlocked.Read(ref _reclaims);

    public long ReclaimsInVain => Interlocked.Read(ref _reclaimsInVain);

    public long ConsumerFailures => Interlocked.Read(ref _consumerFailures);

    public long RequestedBytes => Interlocked.Read(ref _requestedBytes);

    public long ReclaimedBytes => Interlocked.Read(ref _reclaimedBytes);

    public void CountRefusal() => Interlocked.Increment(ref _refusals);

    public void CountReclaim(long requested, long reclaimed)
    {
        Interlocked.Increment(ref _reclaims);
        Interlocked.Add(ref _requestedBytes, requested);
        Interlocked.Add(ref _reclaimedBytes, reclaimed);
        if (reclaimed == 0)
        {
            Interlocked.Increment(ref _reclaimsInVain);
        }
    }

    public void CountConsumerFailure() => Interlocked.Increment(ref _consumerFailures);

    /// <summary>The budget is no longer reported.</summary>
    public void Close() => Meter.Remove(_meterLink);
}
