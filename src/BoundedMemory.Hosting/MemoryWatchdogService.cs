using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace BoundedMemory;

/// <summary>Starts the container's watchdog before any other service is started, and logs each change of its level.</summary>
/// <remarks>It does not stop it: a program needs its memory while it stops, too. The container disposes it.</remarks>
internal sealed class MemoryWatchdogService(IServiceProvider provider, ILogger<MemoryWatchdog> logger) : IHostedLifecycleService, IDisposable
{
    private IDisposable? _subscription;

    /// <summary>The watchdog is asked for here and not when this is made: the host validates all options in between, and tells all that is wrong with them at once.</summary>
    public Task StartingAsync(CancellationToken cancellationToken)
    {
        var watchdog = provider.GetRequiredService<MemoryWatchdog>();
        _subscription = watchdog.OnLevelChanged(change => Log(watchdog.Name, change));
        watchdog.TryStart();
        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _subscription?.Dispose();

    private void Log(string watchdog, MemoryPressureChange change)
    {
        MemorySample sample = change.Sample;
        LogLevel level = change.To switch
        {
            MemoryPressureLevel.Normal => LogLevel.Information,
            MemoryPressureLevel.Warning => LogLevel.Warning,
            MemoryPressureLevel.Critical => LogLevel.Error,
            _ => LogLevel.Critical,
        };
        HostingLog.LevelChanged(
            logger, level, watchdog, change.From, change.To, sample.Utilization, sample.Term, sample.ResidentBytes, sample.LiveBytes, sample.SlackBytes, sample.UnaccountedBytes);
    }
}
