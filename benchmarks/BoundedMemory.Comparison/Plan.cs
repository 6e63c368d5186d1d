namespace BoundedMemory.Comparison;

/// <summary>How much is measured.</summary>
internal sealed record Plan
{
    public const int DefaultRepetitions = 8;

    public const int QuickRepetitions = 2;

    public int Repetitions => AskedRepetitions ?? (IsQuick ? QuickRepetitions : DefaultRepetitions);

    /// <summary>Null: as many as is usual.</summary>
    public int? AskedRepetitions { get; init; }

    /// <summary>Everything is short: to see that it runs.</summary>
    public bool IsQuick { get; init; }

    public IReadOnlyList<int> Threads { get; init; } = [1, 2];

    /// <summary>Only workloads with these keys; null: all.</summary>
    public KeyKind? Keys { get; init; }

    /// <summary>How long one repetition of a workload takes that is measured by time.</summary>
    public TimeSpan Duration => TimeSpan.FromMilliseconds(IsQuick ? 60 : 400);

    public TimeSpan WarmUpDuration => TimeSpan.FromMilliseconds(IsQuick ? 50 : 100);

    public int WarmUpRounds => IsQuick ? 4 : 6;

    /// <summary>A number of operations or entries, or what is left of it in a short run.</summary>
    public int Scaled(int number) => IsQuick ? number / 8 : number;
}
