namespace BoundedMemory.Comparison;

/// <summary>Types of keys.</summary>
internal enum KeyKind
{
    Long,
    String,
}

/// <summary>Keys by number, all different; a string is a new instance each time. Consecutive numbers would flatter a hash that is the number itself.</summary>
internal static class Keys
{
    private const ulong Odd = 0x9E3779B97F4A7C15;

    /// <summary>Never 0.</summary>
    public static long Long(long number) => unchecked((long)((ulong)(number + 1) * Odd));

    /// <summary>18 characters.</summary>
    public static string String(long number) => unchecked($"user:{((ulong)(number + 1) * Odd) & 0xF_FFFF_FFFF_FFFF:x13}");
}
