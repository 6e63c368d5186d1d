using System.Runtime;
using System.Runtime.InteropServices;

namespace Reproduce;

/// <summary>What a measurement was made on.</summary>
internal static class Machine
{
    public static string Description
    {
        get
        {
            double gigabytes = Units.Megabytes(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes) / 1024;
            string collector = $"{(GCSettings.IsServerGC ? "server" : "workstation")} collector, {(GCSettings.LatencyMode == GCLatencyMode.Batch ? "not concurrent" : "concurrent")}";
            return $"{Environment.ProcessorCount} cores, {gigabytes:N1} GB of memory, {RuntimeInformation.OSDescription} {RuntimeInformation.OSArchitecture}, "
                + $"{RuntimeInformation.FrameworkDescription}, {collector}";
        }
    }
}
