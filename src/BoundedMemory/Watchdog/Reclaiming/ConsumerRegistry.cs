using System.Runtime.CompilerServices;

namespace BoundedMemory;

/// <summary>The consumers of memory that are registered and alive. Thread-safe; runs none of their code.</summary>
internal sealed class ConsumerRegistry
{
    private readonly Lock _gate = new();
    private readonly ConditionalWeakTable<IMemoryReclaimer, Consumer> _byTarget = [];
    private readonly HashSet<Consumer> _consumers = [];

    /// <summary>Number of consumers at which those that are dead are looked for.</summary>
    private int _purgeAt = 64;

    /// <summary>Adds a consumer; one that is there already keeps the highest of its guarantees until each is withdrawn.</summary>
    public IDisposable Add(IMemoryReclaimer target, long guaranteed)
    {
        lock (_gate)
        {
            if (!_byTarget.TryGetValue(target, out Consumer? consumer))
            {
                consumer = new Consumer(target);
                _byTarget.Add(target, consumer);
            }

            consumer.Guarantees.Add(guaranteed);
            consumer.Guaranteed = Math.Max(consumer.Guaranteed, guaranteed);
            _consumers.Add(consumer);
            if (_consumers.Count > _purgeAt)
            {
                Purge();
            }

            return new Registration(this, consumer, guaranteed);
        }
    }

    /// <summary>Fills a list with the consumers that are alive.</summary>
    public void List(List<(Consumer Consumer, IMemoryReclaimer Target)> alive)
    {
        alive.Clear();
        lock (_gate)
        {
            int dead = 0;
            foreach (Consumer consumer in _consumers)
            {
                if (consumer.TryGetTarget(out IMemoryReclaimer target))
                {
                    alive.Add((consumer, target));
                }
                else
                {
                    dead++;
                }
            }

            if (dead > 0)
            {
                Purge();
            }
        }
    }

    private void Purge()
    {
        _consumers.RemoveWhere(static consumer => !consumer.TryGetTarget(out _));
        _consumers.TrimIfSparse();
        _purgeAt = Math.Max(64, 2 * _consumers.Count);
    }

    private void Remove(Consumer consumer, long guaranteed)
    {
        lock (_gate)
        {
            consumer.Guarantees.Remove(guaranteed);
            consumer.Guaranteed = consumer.Guarantees.Count == 0 ? 0 : consumer.Guarantees.Max();
            if (consumer.Guarantees.Count == 0)
            {
                _consumers.Remove(consumer);
                _consumers.TrimIfSparse();
                if (consumer.TryGetTarget(out IMemoryReclaimer target))
                {
                    _byTarget.Remove(target);
                }
            }
        }
    }

    /// <summary>Ends a registration; does not keep the consumer alive.</summary>
    private sealed class Registration(ConsumerRegistry registry, Consumer consumer, long guaranteed) : IDisposable
    {
        private int _isDisposed;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
            {
                registry.Remove(consumer, guaranteed);
            }
        }
    }
}
