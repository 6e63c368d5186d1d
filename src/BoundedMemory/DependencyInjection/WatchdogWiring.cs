using Microsoft.Extensions.DependencyInjection;

namespace BoundedMemory;

/// <summary>Registers what a container makes with the watchdog of that container, if there is one.</summary>
/// <remarks>To the container the watchdog is something a primitive depends on: it is made before the primitive and disposed after it. A primitive that is disposed holds nothing, so it is not
/// asked any more. The watchdog does not keep it alive; the container does.</remarks>
internal static class WatchdogWiring
{
    /// <summary>The container whose watchdog this thread is just asking for. Containers make singletons under a lock that the same thread may enter again: a watchdog whose factory asks for a
    /// primitive would be made within itself, until the stack is full.</summary>
    [ThreadStatic]
    private static IServiceProvider? _asking;

    /// <summary>Makes a primitive, and registers it.</summary>
    /// <exception cref="InvalidOperationException">The container's watchdog is made by something that asks for the primitive.</exception>
    public static TPrimitive Create<TPrimitive>(IServiceProvider provider, string name, Func<TPrimitive> create)
        where TPrimitive : class, IMemoryReclaimer
    {
        MemoryWatchdog? watchdog = FindWatchdog(provider, name);
        TPrimitive primitive = create();
        try
        {
            watchdog?.Register(primitive);
        }
        catch (ObjectDisposedException)
        {
            // It asks nobody any more, and what is left of the program needs its primitives.
        }

        return primitive;
    }

    private static MemoryWatchdog? FindWatchdog(IServiceProvider provider, string name)
    {
        IServiceProvider? before = _asking;
        if (ReferenceEquals(before, provider))
        {
            throw new InvalidOperationException(
                $"What makes the container's MemoryWatchdog asks for '{name}', which needs that watchdog, because it is registered with it by itself. Register '{name}' after both are made, or not at all.");
        }

        _asking = provider;
        try
        {
            return provider.GetService<MemoryWatchdog>();
        }
        finally
        {
            _asking = before;
        }
    }
}
