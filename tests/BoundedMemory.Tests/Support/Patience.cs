namespace BoundedMemory.Tests.Support;

/// <summary>Waits for other threads and tasks, and fails the test whose wait would not end.</summary>
internal static class Patience
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    public static Task Soon(this Task task) => task.WaitAsync(Limit);

    public static Task<T> Soon<T>(this Task<T> task) => task.WaitAsync(Limit);

    public static Task<T> Soon<T>(this ValueTask<T> task) => task.AsTask().WaitAsync(Limit);

    public static void Soon(this ManualResetEventSlim signal) => Assert.True(signal.Wait(Limit), "The signal did not come.");

    /// <summary>For what announces itself by nothing but a counter.</summary>
    public static void Until(Func<bool> condition) => Assert.True(SpinWait.SpinUntil(condition, Limit), "It did not happen.");

    /// <summary>A blocking call on a thread of its own, so that the pool's threads are not what it waits for.</summary>
    public static Task<T> OnThread<T>(Func<T> body) => Task.Factory.StartNew(body, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>A blocking call on a thread of its own.</summary>
    public static Task OnThread(Action body) => Task.Factory.StartNew(body, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}
