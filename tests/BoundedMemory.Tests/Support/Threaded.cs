using System.Runtime.ExceptionServices;

namespace BoundedMemory.Tests.Support;

/// <summary>Runs bodies on threads of their own, started together, and throws what one of them threw.</summary>
internal static class Threaded
{
    public static void Run(int threads, Action<int> body) => Run([.. Enumerable.Range(0, threads).Select(i => (Action)(() => body(i)))]);

    public static void Run(params Action[] bodies) => RunWatched([], bodies);

    /// <summary>Repeats each watcher on a thread of its own until all bodies have ended, however they ended.</summary>
    public static void RunWatched(Action[] watchers, params Action[] bodies)
    {
        using var start = new Barrier(watchers.Length + bodies.Length);
        Exception? failure = null;
        int running = bodies.Length;

        Thread[] threads =
        [
            .. bodies.Select(body => Start(() =>
            {
                try
                {
                    body();
                }
                finally
                {
                    Interlocked.Decrement(ref running);
                }
            })),
            .. watchers.Select(watch => Start(() =>
            {
                do
                {
                    watch();
                }
                while (Volatile.Read(ref running) > 0);
            })),
        ];
        foreach (Thread thread in threads)
        {
            thread.Join();
        }

        if (failure is not null)
        {
            ExceptionDispatchInfo.Throw(failure);
        }

        Thread Start(Action body)
        {
            var thread = new Thread(() =>
            {
                start.SignalAndWait();
                try
                {
                    body();
                }
                catch (Exception error)
                {
                    Interlocked.CompareExchange(ref failure, error, null);
                }
            })
            {
                IsBackground = true,
            };
            thread.Start();
            return thread;
        }
    }
}
