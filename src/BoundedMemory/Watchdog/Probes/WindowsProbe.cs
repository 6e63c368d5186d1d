using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace BoundedMemory;

/// <summary>What Windows says: private commit of the process, limits of its job object, memory of the machine.</summary>
/// <remarks>Private commit stands for the resident set, because the working set is what the system chose to leave in memory. Compiled, and not tested on Windows.</remarks>
[SupportedOSPlatform("windows")]
internal sealed partial class WindowsProbe : IMemoryProbe
{
    private const int ExtendedLimits = 9;
    private const int MemoryUsage = 28;
    private const uint LimitsProcessMemory = 0x100;
    private const uint LimitsJobMemory = 0x200;

    public void Read(ref MemoryReadings readings)
    {
        var process = new ProcessCounters { Size = (uint)Unsafe.SizeOf<ProcessCounters>() };
        if (GetProcessMemoryInfo(-1, ref process, process.Size))
        {
            readings.ResidentBytes = (long)process.PrivateUsage;
        }
        else
        {
            readings.Failures++;
        }

        var machine = new MachineStatus { Size = (uint)Unsafe.SizeOf<MachineStatus>() };
        if (GlobalMemoryStatusEx(ref machine))
        {
            (readings.MachineBytes, readings.MachineAvailable) = ((long)machine.TotalPhysical, (long)machine.AvailablePhysical);
        }
        else
        {
            readings.Failures++;
        }

        // A process that is in no job has none of these, which is no failure.
        var limits = default(JobLimits);
        if (!QueryInformationJobObject(0, ExtendedLimits, ref Unsafe.As<JobLimits, byte>(ref limits), (uint)Unsafe.SizeOf<JobLimits>(), 0))
        {
            return;
        }

        if ((limits.LimitFlags & LimitsJobMemory) != 0)
        {
            readings.ContainerLimit = (long)limits.JobMemoryLimit;
            var usage = default(JobUsage);
            if (QueryInformationJobObject(0, MemoryUsage, ref Unsafe.As<JobUsage, byte>(ref usage), (uint)Unsafe.SizeOf<JobUsage>(), 0))
            {
                readings.ContainerBytes = (long)usage.JobMemory;
            }
            else
            {
                readings.Failures++;
            }
        }

        if ((limits.LimitFlags & LimitsProcessMemory) != 0 && !((long)limits.ProcessMemoryLimit >= readings.ContainerLimit))
        {
            (readings.ContainerLimit, readings.ContainerBytes) = ((long)limits.ProcessMemoryLimit, readings.ResidentBytes);
        }
    }

    [LibraryImport("kernel32.dll", EntryPoint = "K32GetProcessMemoryInfo")]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool GetProcessMemoryInfo(nint process, ref ProcessCounters counters, uint size);

    [LibraryImport("kernel32.dll")]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool GlobalMemoryStatusEx(ref MachineStatus status);

    [LibraryImport("kernel32.dll")]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool QueryInformationJobObject(nint job, int informationClass, ref byte information, uint length, nint returnedLength);

    /// <summary>PROCESS_MEMORY_COUNTERS_EX.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct ProcessCounters
    {
        public uint Size;
        public uint PageFaults;
        public nuint PeakWorkingSet;
        public nuint WorkingSet;
        public nuint QuotaPeakPagedPool;
        public nuint QuotaPagedPool;
        public nuint QuotaPeakNonPagedPool;
        public nuint QuotaNonPagedPool;
        public nuint PagefileUsage;
        public nuint PeakPagefileUsage;
        public nuint PrivateUsage;
    }

    /// <summary>MEMORYSTATUSEX.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct MachineStatus
    {
        public uint Size;
        public uint MemoryLoad;
        public ulong TotalPhysical;
        public ulong AvailablePhysical;
        public ulong TotalPageFile;
        public ulong AvailablePageFile;
        public ulong TotalVirtual;
        public ulong AvailableVirtual;
        public ulong AvailableExtendedVirtual;
    }

    /// <summary>JOBOBJECT_EXTENDED_LIMIT_INFORMATION.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct JobLimits
    {
        public long PerProcessUserTimeLimit;
        public long PerJobUserTimeLimit;
        public uint LimitFlags;
        public nuint MinimumWorkingSetSize;
        public nuint MaximumWorkingSetSize;
        public uint ActiveProcessLimit;
        public nuint Affinity;
        public uint PriorityClass;
        public uint SchedulingClass;
        public ulong ReadOperations;
        public ulong WriteOperations;
        public ulong OtherOperations;
        public ulong ReadBytes;
        public ulong WriteBytes;
        public ulong OtherBytes;
        public nuint ProcessMemoryLimit;
        public nuint JobMemoryLimit;
        public nuint PeakProcessMemoryUsed;
        public nuint PeakJobMemoryUsed;
    }

    /// <summary>JOBOBJECT_MEMORY_USAGE_INFORMATION.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct JobUsage
    {
        public ulong JobMemory;
        public ulong PeakJobMemoryUsed;
    }
}
