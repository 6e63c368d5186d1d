using Microsoft.Extensions.Logging;

namespace BoundedMemory;

/// <summary>What this package logs: levels, causes and sizes, nothing of what users sent.</summary>
internal static partial class HostingLog
{
    [LoggerMessage(
        EventId = 1, EventName = "MemoryPressureChanged",
        Message = "Memory pressure of {Watchdog}: {From} to {To}. {Utilization:P1} of the limit ({Term}); {ResidentBytes} bytes resident, {LiveBytes} live, {SlackBytes} slack, "
            + "{UnaccountedBytes} in no budget.")]
    public static partial void LevelChanged(
        ILogger logger, LogLevel level, string watchdog, MemoryPressureLevel from, MemoryPressureLevel to, double utilization, UtilizationTerm term, long? residentBytes, long liveBytes,
        long slackBytes, long unaccountedBytes);

    [LoggerMessage(EventId = 2, EventName = "RecyclingRequested", Level = LogLevel.Information, Message = "The worker is to be recycled: {Reason}. It goes on for {Wait}, until its minimum uptime.")]
    public static partial void RecyclingRequested(ILogger logger, string reason, TimeSpan wait);

    [LoggerMessage(
        EventId = 3, EventName = "Recycling", Level = LogLevel.Warning, Message = "The worker is recycled: {Reason}. The application stops after {Uptime} and {Requests} requests.")]
    public static partial void Recycling(ILogger logger, string reason, TimeSpan uptime, long requests);

    [LoggerMessage(EventId = 4, EventName = "RecyclingFailed", Level = LogLevel.Error, Message = "The application could not be asked to stop.")]
    public static partial void RecyclingFailed(ILogger logger, Exception error);
}
