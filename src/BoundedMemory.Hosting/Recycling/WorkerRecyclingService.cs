using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace BoundedMemory;

/// <summary>Makes the container's recycler when the host starts, so that it counts from there and is told of levels.</summary>
internal sealed class WorkerRecyclingService(IServiceProvider provider) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        provider.GetRequiredService<WorkerRecycler>();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
