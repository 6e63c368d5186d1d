namespace BoundedMemory;

/// <summary>The legal ranges of a window's options, in one place for options and messages.</summary>
internal static class WindowLimits
{
    public const int MostMessages = 1_000_000;

    /// <summary>The least limit in bytes: an empty window takes a part of it.</summary>
    public const long LeastBytes = 4 * 1024;

    public const double LeastRetainRatio = 0.1;

    /// <summary>Far more than there is memory, and few enough that many of them can be added.</summary>
    public const long MostMessageBytes = long.MaxValue / 1024;
}
