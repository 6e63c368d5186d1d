using BoundedMemory.Monitor.CommandLine;

namespace BoundedMemory.Monitor;

/// <summary>A look every so many seconds.</summary>
internal static class MonitorRun
{
    public static Task<int> RunAsync(MonitorSettings settings, Surroundings surroundings, CancellationToken interrupt) => throw new NotImplementedException();
}
