using System.Globalization;

namespace BoundedMemory.Comparison;

/// <summary>How much of the machine other processes used meanwhile; on Linux only, elsewhere nothing is known.</summary>
internal readonly struct Disturbance
{
    private const string Source = "/proc/stat";

    private readonly (double Busy, double All) _machine;
    private readonly TimeSpan _own;

    private Disturbance((double Busy, double All) machine, TimeSpan own)
    {
        _machine = machine;
        _own = own;
    }

    public static Disturbance Begin() => new(Read(), Environment.CpuUsage.TotalTime);

    /// <summary>From 0 to 1.</summary>
    public double End()
    {
        (double busy, double all) = Read();
        double own = (Environment.CpuUsage.TotalTime - _own).TotalSeconds;
        return all > _machine.All ? Math.Clamp((busy - _machine.Busy - own) / (all - _machine.All), 0, 1) : 0;
    }

    /// <summary>Seconds of all processors since they were started. A tick is 10 ms on every Linux that .NET runs on.</summary>
    private static (double Busy, double All) Read()
    {
        if (!File.Exists(Source))
        {
            return default;
        }

        // cpu user nice system idle iowait irq softirq steal ...
        using var reader = new StreamReader(Source);
        double[] seconds =
        [
            .. reader.ReadLine()!.Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1).Take(8)
                .Select(ticks => double.Parse(ticks, CultureInfo.InvariantCulture) / 100),
        ];
        double all = seconds.Sum();
        return (all - seconds[3] - seconds[4], all);
    }
}
