using BoundedMemory;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Counts requests for a <see cref="WorkerRecycler"/>.</summary>
public static class WorkerRecyclingApplicationBuilderExtensions
{
    /// <summary>Counts each request that comes this far in the pipeline when it is completed, failed ones too, so that <see cref="WorkerRecyclingOptions.MaxRequests"/> has something to go by.</summary>
    /// <param name="app">The application.</param>
    /// <returns><paramref name="app"/>.</returns>
    /// <remarks>Use it first to count all requests, or behind what must not count, such as health checks. The request that is the last one is answered like any other: the host stops gracefully.</remarks>
    /// <exception cref="ArgumentNullException"><paramref name="app"/> is null.</exception>
    /// <exception cref="InvalidOperationException">There is no <see cref="WorkerRecycler"/> among the services: <c>services.AddWorkerRecycling()</c> registers one.</exception>
    public static IApplicationBuilder UseWorkerRecycling(this IApplicationBuilder app)
    {
        ArgumentNullException.ThrowIfNull(app);
        WorkerRecycler recycler = app.ApplicationServices.GetService<WorkerRecycler>()
            ?? throw new InvalidOperationException($"There is no {nameof(WorkerRecycler)}: call services.AddWorkerRecycling().");
        return app.Use(async (context, next) =>
        {
            try
            {
                await next(context).ConfigureAwait(false);
            }
            finally
            {
                recycler.RequestCompleted();
            }
        });
    }
}
