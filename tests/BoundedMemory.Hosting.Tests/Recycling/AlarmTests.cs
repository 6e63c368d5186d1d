using BoundedMemory.Tests.Support;

namespace BoundedMemory.Hosting.Tests.Recycling;

public class AlarmTests
{
    private readonly ManualTimeProvider _clock = new();
    private int _rings;

    [Fact]
    public void Set_Twice_KeepsTheFirstTime()
    {
        using Alarm alarm = NewAlarm(_clock);
        alarm.Set(TimeSpan.FromSeconds(2));
        alarm.Set(TimeSpan.FromSeconds(9));
        _clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(1, _rings);
        _clock.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal(1, _rings);
        alarm.Set(TimeSpan.FromSeconds(1));
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(2, _rings);
    }

    [Fact]
    public void Timer_ThatIsEarly_WaitsForTheRest()
    {
        var clock = new EarlyClock(_clock);
        using Alarm alarm = NewAlarm(clock);
        alarm.Set(TimeSpan.FromSeconds(10));
        _clock.Advance(TimeSpan.FromSeconds(9));
        Assert.InRange(clock.Fired, 1, 100);
        Assert.Equal(0, _rings);
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, _rings);
    }

    [Fact]
    public void Ring_AfterItWasCalledOffAndSetAgain_IsNotThatOfBefore()
    {
        var clock = new EarlyClock(_clock);
        using Alarm alarm = NewAlarm(clock);
        alarm.Set(TimeSpan.FromSeconds(1));
        alarm.Reset();
        clock.FireLate();
        Assert.Equal(0, _rings);
        alarm.Set(TimeSpan.FromSeconds(5));
        clock.FireLate();
        Assert.Equal(0, _rings);
        _clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(1, _rings);
    }

    [Fact]
    public void Disposed_NeverRings()
    {
        Alarm alarm = NewAlarm(_clock);
        alarm.Set(TimeSpan.FromSeconds(1));
        alarm.Dispose();
        alarm.Set(TimeSpan.FromSeconds(1));
        alarm.Reset();
        _clock.Advance(TimeSpan.FromSeconds(9));
        Assert.Equal((0, 0), (_rings, _clock.Timers));
    }

    private Alarm NewAlarm(TimeProvider clock) => new(clock, () => _rings++);

    /// <summary>A clock whose timers fire at half of their time, or whenever the test says.</summary>
    private sealed class EarlyClock(ManualTimeProvider inner) : TimeProvider
    {
        private Action? _fire;

        public int Fired { get; private set; }

        public override long TimestampFrequency => inner.TimestampFrequency;

        public override long GetTimestamp() => inner.GetTimestamp();

        public void FireLate() => _fire!();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            _fire = () =>
            {
                Fired++;
                callback(state);
            };
            return new EarlyTimer(inner.CreateTimer(_ => _fire(), null, dueTime, period));
        }
    }

    private sealed class EarlyTimer(ITimer timer) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => timer.Change(
            dueTime == Timeout.InfiniteTimeSpan ? dueTime : TimeSpan.FromMilliseconds(Math.Ceiling(dueTime.TotalMilliseconds / 2)), period);

        public void Dispose() => timer.Dispose();

        public ValueTask DisposeAsync() => timer.DisposeAsync();
    }
}
