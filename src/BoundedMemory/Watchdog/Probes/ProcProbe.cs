using System.Runtime.CompilerServices;

namespace BoundedMemory;

/// <summary>What Linux says about the process and the machine: <c>/proc/self/statm</c>, and <c>/proc/meminfo</c> where nothing nearer limits the process.</summary>
internal sealed class ProcProbe(string root) : IMemoryProbe, IDisposable
{
    /// <summary>How often the size of the machine is read again: virtual ones grow.</summary>
    private static readonly TimeSpan MachineInterval = TimeSpan.FromMinutes(1);

    private readonly HeldFile _statm = new(Path.Combine(root, "proc/self/statm"));
    private readonly HeldFile _meminfo = new(Path.Combine(root, "proc/meminfo"));
    private long? _machineBytes;
    private TimeSpan _machineReadAt = TimeSpan.MinValue;

    [SkipLocalsInit]
    public void Read(ref MemoryReadings readings)
    {
        // Pages of the whole address space, then resident ones.
        Span<byte> buffer = stackalloc byte[512];
        if (ProcText.TryNumber(ProcText.NextField(_statm.Read(buffer)), out long pages) && pages < long.MaxValue / Environment.SystemPageSize)
        {
            readings.ResidentBytes = pages * Environment.SystemPageSize;
        }
        else
        {
            readings.Failures++;
        }

        bool needsAvailable = !readings.HasProcessLimit && !(readings.ContainerLimit < _machineBytes);
        if (!needsAvailable && _machineBytes is not null && readings.Now - _machineReadAt < MachineInterval)
        {
            readings.MachineBytes = _machineBytes;
            return;
        }

        ReadOnlySpan<byte> meminfo = _meminfo.Read(buffer);
        _machineBytes = Kilobytes(meminfo, "MemTotal:"u8);
        _machineReadAt = readings.Now;
        readings.MachineBytes = _machineBytes;
        readings.MachineAvailable = needsAvailable ? Kilobytes(meminfo, "MemAvailable:"u8) : null;
        readings.Failures += _machineBytes is null || (needsAvailable && readings.MachineAvailable is null) ? 1 : 0;
    }

    public void Dispose()
    {
        _statm.Dispose();
        _meminfo.Dispose();
    }

    private static long? Kilobytes(ReadOnlySpan<byte> meminfo, ReadOnlySpan<byte> name) =>
        ProcText.TryNumberAfter(meminfo, name, out long kilobytes) && kilobytes < long.MaxValue / 1024 ? kilobytes * 1024 : null;
}
