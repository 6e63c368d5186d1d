namespace BoundedMemory.Tests.Support;

/// <summary>Another's time without its timers, so that nothing is swept; and, if asked for, counted in other units from another start.</summary>
internal sealed class JumpingClock(ManualTimeProvider clock, long frequency = TimeSpan.TicksPerSecond, long start = 0) : TimeProvider
{
    private readonly long _begin = clock.GetTimestamp();

    public override long TimestampFrequency => frequency;

    public override long GetTimestamp() => start + (long)((Int128)(clock.GetTimestamp() - _begin) * frequency / TimeSpan.TicksPerSecond);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => new NoTimer();

    private sealed class NoTimer : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
