using System.Buffers;
using System.Globalization;

namespace BoundedMemory.Monitor.CommandLine;

/// <summary>A number of bytes, as people write it. Units are multiples of 1024, as those of the system's own tools.</summary>
internal readonly record struct ByteSize(long Bytes)
{
    private const int Step = 1024;

    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789.");

    private static readonly string[] Units = ["B", "KB", "MB", "GB", "TB"];

    /// <summary>The smallest and the largest that can be written.</summary>
    public static readonly ByteSize Least = new(1);

    public static readonly ByteSize Most = new(1L << 50);

    public static ByteSize FromMegabytes(long megabytes) => new(megabytes * Step * Step);

    /// <summary>Reads a number and a unit: <c>500MB</c>, <c>1.5 GB</c>, <c>64k</c>, <c>3GiB</c>; bytes without one.</summary>
    /// <returns>False if it is none, or not from <see cref="Least"/> to <see cref="Most"/>.</returns>
    public static bool TryParse(string text, out ByteSize size)
    {
        size = default;
        ReadOnlySpan<char> rest = text.AsSpan().Trim();
        int digits = rest.IndexOfAnyExcept(Digits);
        ReadOnlySpan<char> number = digits < 0 ? rest : rest[..digits];
        ReadOnlySpan<char> unit = digits < 0 ? "B" : rest[digits..].Trim();
        int power = PowerOf(unit);
        if (power < 0 || !decimal.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal value) || value > Most.Bytes)
        {
            return false;
        }

        decimal bytes = value * (1L << (10 * power));
        if (bytes < Least.Bytes || bytes > Most.Bytes)
        {
            return false;
        }

        size = new ByteSize((long)bytes);
        return true;
    }

    /// <summary>Megabytes, from 1 GB on gigabytes; one digit more than anybody needs.</summary>
    public static string Format(long bytes)
    {
        int unit = Math.Abs(bytes) >= 1L << 40 ? 4 : Math.Abs(bytes) >= 1L << 30 ? 3 : 2;
        double value = bytes / (double)(1L << (10 * unit));
        return string.Create(CultureInfo.InvariantCulture, $"{value:F1} {Units[unit]}");
    }

    /// <summary>As short as it can be written, and read again.</summary>
    public override string ToString()
    {
        int unit = 0;
        long value = Bytes;
        while (unit < Units.Length - 1 && value >= Step && value % Step == 0)
        {
            value /= Step;
            unit++;
        }

        return string.Create(CultureInfo.InvariantCulture, $"{value} {Units[unit]}");
    }

    private static int PowerOf(ReadOnlySpan<char> unit)
    {
        for (int i = 0; i < Units.Length; i++)
        {
            ReadOnlySpan<char> name = Units[i];
            bool isName = unit.Equals(name, StringComparison.OrdinalIgnoreCase) || (i > 0 && unit.Equals(name[..1], StringComparison.OrdinalIgnoreCase));
            bool isBinary = i > 0 && unit.Length == 3 && unit[..1].Equals(name[..1], StringComparison.OrdinalIgnoreCase)
                && unit[1..].Equals("iB", StringComparison.OrdinalIgnoreCase);
            if (isName || isBinary)
            {
                return i;
            }
        }

        return -1;
    }
}
