using System.Globalization;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace BoundedMemory;

/// <summary>A worker is alive until the application was asked to stop. While that waits for the minimum uptime it is degraded: whoever ends what is not alive would end it too early.</summary>
internal sealed class WorkerRecyclingHealthCheck(WorkerRecycler recycler) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        // Read before the reason, which is there before.
        (bool isRecycling, bool isRequested, TimeSpan uptime) = (recycler.IsRecycling, recycler.IsRequested, recycler.Uptime);
        (HealthStatus status, string description) = isRecycling ? (context.Registration.FailureStatus, $"The worker is recycled: {recycler.Reason}.")
            : isRequested ? (HealthStatus.Degraded, $"The worker is to be recycled after its minimum uptime: {recycler.Reason}.")
            : (HealthStatus.Healthy, string.Create(CultureInfo.InvariantCulture, $"The worker has been up for {uptime.TotalSeconds:0} s."));
        var data = new Dictionary<string, object> { ["uptime.seconds"] = uptime.TotalSeconds, ["requests"] = recycler.CompletedRequests };
        if (recycler.MaxRequests is { } most)
        {
            data.Add("requests.limit", most);
        }

        return Task.FromResult(new HealthCheckResult(status, description, exception: null, data));
    }
}
