using System.Diagnostics.CodeAnalysis;
using System.Threading.RateLimiting;

namespace BoundedMemory;

/// <summary>The answer of a <see cref="MemoryPressureLimiter"/> at some level. It holds nothing, so there is one of each for everybody, and disposing it does nothing.</summary>
internal sealed class PressureLease : RateLimitLease
{
    private static readonly string[] Names = [MetadataName.ReasonPhrase.Name, MetadataName.RetryAfter.Name];

    /// <summary>Null: admitted.</summary>
    private readonly string? _reason;

    /// <summary>Boxed once.</summary>
    private readonly object? _retryAfter;

    private PressureLease(string? reason, object? retryAfter) => (_reason, _retryAfter) = (reason, retryAfter);

    public static PressureLease Admitted { get; } = new(null, null);

    public override bool IsAcquired => _reason is null;

    public override IEnumerable<string> MetadataNames => IsAcquired ? [] : Names;

    public static PressureLease Refused(MemoryPressureLevel level, TimeSpan retryAfter) => new($"Memory pressure: {level}", retryAfter);

    public override bool TryGetMetadata(string metadataName, [NotNullWhen(true)] out object? metadata)
    {
        metadata = IsAcquired ? null
            : metadataName == MetadataName.ReasonPhrase.Name ? _reason
            : metadataName == MetadataName.RetryAfter.Name ? _retryAfter
            : null;
        return metadata is not null;
    }
}
