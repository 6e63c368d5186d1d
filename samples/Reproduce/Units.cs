namespace Reproduce;

/// <summary>Units of the reports.</summary>
internal static class Units
{
    public const int KB = 1024;

    /// <summary>What the reports call a megabyte: they divide by 1024 twice.</summary>
    public const int MB = 1024 * KB;

    public static double Megabytes(long bytes) => (double)bytes / MB;
}
