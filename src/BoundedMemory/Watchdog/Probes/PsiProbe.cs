using System.Runtime.CompilerServices;

namespace BoundedMemory;

/// <summary>Pressure stall information: the container's where there is one, else the machine's.</summary>
/// <remarks>Polled, because triggers need privileges or windows that are multiples of two seconds. A kernel without it has no such file: that is no failure.</remarks>
internal sealed class PsiProbe(string root, CgroupProbe? cgroup) : IMemoryProbe, IDisposable
{
    /// <summary>How often a file that is not there is looked for.</summary>
    private static readonly TimeSpan SearchInterval = TimeSpan.FromMinutes(1);

    private readonly string _machine = Path.Combine(root, "proc/pressure/memory");
    private HeldFile? _file;
    private string? _directory;
    private TimeSpan _nextSearch = TimeSpan.MinValue;

    [SkipLocalsInit]
    public void Read(ref MemoryReadings readings)
    {
        // The process may have been moved to another control group.
        if (!ReferenceEquals(_directory, cgroup?.PressureDirectory) || (_file is null && readings.Now >= _nextSearch))
        {
            Dispose();
            _directory = cgroup?.PressureDirectory;
            _nextSearch = readings.Now + SearchInterval;
            string? container = _directory is null ? null : Path.Combine(_directory, "memory.pressure");
            string? path = container is not null && File.Exists(container) ? container : File.Exists(_machine) ? _machine : null;
            _file = path is null ? null : new HeldFile(path);
        }

        if (_file is null)
        {
            return;
        }

        Span<byte> buffer = stackalloc byte[256];
        ReadOnlySpan<byte> text = _file.Read(buffer);
        if (TryParse(text, out double stall))
        {
            readings.Stall = stall;
            return;
        }

        // Kernels that have the file but were booted without the feature refuse to read it: it is looked for again later.
        readings.Failures += _file.Exists ? 1 : 0;
        Dispose();
    }

    /// <summary>The share of time, 0 to 1, in which some task waited, of <c>some avg10=1.23 avg60=...</c>.</summary>
    internal static bool TryParse(ReadOnlySpan<byte> text, out double stall)
    {
        stall = 0;
        if (!ProcText.TryAfter(text, "some avg10="u8, out ReadOnlySpan<byte> rest)
            || !System.Buffers.Text.Utf8Parser.TryParse(rest, out double percent, out _)
            || !(percent is >= 0 and <= 100))
        {
            return false;
        }

        stall = percent / 100;
        return true;
    }

    public void Dispose()
    {
        _file?.Dispose();
        _file = null;
    }
}
