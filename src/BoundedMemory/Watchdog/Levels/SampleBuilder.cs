namespace BoundedMemory;

/// <summary>Makes a sample of what was read: which limit is the nearest, and what the memory is. Pure.</summary>
/// <remarks>The use of a container is that without inactive file pages, against the limit of the same group; the heap's own limit counts only where one is in force, because the collector
/// throws at it long before the container's is reached; the machine counts only where nothing nearer limits the process. Where a limit is known and the use of it is not, the share is
/// unknown: not 0, and not that of before.</remarks>
internal static class SampleBuilder
{
    /// <summary>A heap limit is in force if the collector may take less than this part of the machine.</summary>
    private const double WholeMachine = 0.99;

    /// <param name="readings">What was read.</param>
    /// <param name="timestamp">When.</param>
    /// <param name="processLimit">The limit that was set.</param>
    /// <param name="budget">The budget; null: none.</param>
    /// <param name="consumerBytes">Bytes that registered consumers hold.</param>
    /// <param name="reclaimableBytes">Of these, what they could give back.</param>
    public static Assessment Build(
        in MemoryReadings readings, DateTimeOffset timestamp, long? processLimit, MemoryBudget? budget, long consumerBytes, long reclaimableBytes)
    {
        long slack = Math.Max(0, readings.CommittedBytes - readings.HeapBytes);

        // What the container holds of this process is at least its resident set.
        long? containerLimit = readings.ContainerLimit >= readings.MachineBytes ? null : readings.ContainerLimit;
        long? heapLimit = readings.HeapAvailable > 0 && readings.HeapAvailable < readings.MachineBytes * WholeMachine ? readings.HeapAvailable : null;
        (long? budgetBytes, long? budgetLimit) = (budget?.Used, budget?.Limit);
        long? machineUsed = readings.MachineBytes - readings.MachineAvailable;

        var highest = new Assessment { IsKnown = true };
        Consider(ref highest, UtilizationTerm.Container, readings.ContainerBytes ?? readings.ResidentBytes, containerLimit, slack);
        Consider(ref highest, UtilizationTerm.Process, readings.ResidentBytes, processLimit, slack);
        Consider(ref highest, UtilizationTerm.Heap, Math.Max(readings.CommittedBytes, readings.HeapBytes), heapLimit, slack);
        if (containerLimit is null && processLimit is null)
        {
            Consider(ref highest, UtilizationTerm.Machine, machineUsed, readings.MachineBytes, slack);
        }

        double budgetShare = budgetLimit is > 0 ? (double)Math.Max(0, budgetBytes!.Value - reclaimableBytes) / budgetLimit.Value : 0;
        bool isBudget = budgetLimit is not null && budgetShare > highest.Utilization;
        long live = Math.Max(0, (readings.ResidentBytes ?? readings.HeapBytes + slack) - slack);
        highest.BudgetShare = budgetShare;
        highest.Sample = new MemorySample
        {
            Timestamp = timestamp,
            ResidentBytes = readings.ResidentBytes,
            ContainerBytes = readings.ContainerBytes,
            ContainerLimit = containerLimit,
            HeapBytes = readings.HeapBytes,
            CommittedBytes = readings.CommittedBytes,
            HeapLimit = heapLimit,
            BudgetBytes = budgetBytes,
            BudgetLimit = budgetLimit,
            Stall = readings.Stall,
            Utilization = isBudget ? budgetShare : highest.Utilization,
            Term = isBudget ? UtilizationTerm.Budget : highest.Term,
            SlackBytes = slack,
            LiveBytes = live,
            UnaccountedBytes = Math.Max(0, live - Math.Max(budgetBytes ?? 0, consumerBytes)),
        };
        return highest;
    }

    private static void Consider(ref Assessment highest, UtilizationTerm term, long? used, long? limit, long slack)
    {
        if (limit is not > 0)
        {
            return;
        }

        if (used is null)
        {
            highest.IsKnown = false;
            return;
        }

        double share = (double)used.Value / limit.Value;
        if (highest.Term == UtilizationTerm.None || share > highest.Utilization)
        {
            (highest.Utilization, highest.Term, highest.Limit, highest.InUse) = (share, term, limit.Value, Math.Max(0, used.Value - slack));
        }
    }
}

/// <summary>A sample and what is to be decided on it.</summary>
internal struct Assessment
{
    public MemorySample Sample;

    /// <summary>How full the nearest of the limits is that end the process.</summary>
    public double Utilization;

    /// <summary>Which that is; <see cref="UtilizationTerm.None"/> without any.</summary>
    public UtilizationTerm Term;

    /// <summary>That limit, bytes.</summary>
    public long Limit;

    /// <summary>What counts against it, without what the collector could use again.</summary>
    public long InUse;

    /// <summary>False if some limit is known and the use of it is not.</summary>
    public bool IsKnown;

    /// <summary>What of the budget is in use and cannot be asked back.</summary>
    public double BudgetShare;
}
