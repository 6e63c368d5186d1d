namespace BoundedMemory;

/// <summary>How full a limit is.</summary>
internal static class Fullness
{
    /// <summary>From 0 to 1; 0 without a limit.</summary>
    public static double Of(long used, long? limit) => limit is null ? 0 : (double)used / limit.Value;
}
