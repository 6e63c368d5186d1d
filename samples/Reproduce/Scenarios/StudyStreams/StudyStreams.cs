namespace Reproduce;

/// <summary>The event streams of the study backend: a queue per connection that only grows while nobody reads it, and connections that never end.</summary>
internal sealed class StudyStreams : IScenario
{
    /// <summary>Messages that wait for one connection.</summary>
    private const int QueueLimit = 100;

    private const int Readers = 14;
    private const int Stalled = 1;
    private const int Vanished = 5;
    private const int VanishAfterSeconds = 300;
    private const int Hour = 3600;
    private const long ByteLimit = Units.MB;

    public string Name => "study-streams";

    public string Origin => "5 study backend";

    public string Workload =>
        "20 connections for an hour, an event of 1-3 KB a second for all of them: 14 read, 1 never does, 5 vanish after 5 minutes and nobody is told.";

    public IReadOnlyList<Claim> Claims =>
    [
        new("streams, unbounded", 30, 30, "MB", "Memory Usage Comparison: SSE, ~30MB saved", Variant.Unbounded, t => t.LiveMegabytes),
        new("messages a connection, bounded", 0, QueueLimit, "", "SSE Configuration: MAX_QUEUE_SIZE", Variant.Bounded, t => t.Facts[StreamFacts.LongestQueue]),
        new("minutes until a dead one goes", 10, 11, "min", "SSE Configuration: CONNECTION_TIMEOUT_MINUTES, cleaned every 60 s", Variant.Bounded, t => t.Facts[StreamFacts.MinutesToClose]),
    ];

    public Trial Run(Variant variant, bool quick)
    {
        int seconds = quick ? Hour / 2 : Hour;
        var clock = new SimulatedClock();
        return Trial.Run<IStreams>(
            () => variant == Variant.Unbounded ? new UnboundedStreams() : new BoundedStreams(new()
            {
                Name = "study-streams",
                MaxCount = QueueLimit,
                MaxBytes = ByteLimit,
                IdleTimeout = TimeSpan.FromMinutes(10),
                SweepInterval = TimeSpan.FromSeconds(60),
                TimeProvider = clock,
            }),
            warmUp: streams => Serve(streams, clock, seconds / 10),
            work: streams => Serve(streams, clock, seconds),
            facts: streams => streams.Facts);
    }

    public IEnumerable<Check> Check(IReadOnlyDictionary<Variant, Trial> trials)
    {
        foreach ((Variant variant, Trial trial) in trials)
        {
            yield return new Check(trial.Facts[StreamFacts.LostByReaders] == 0, $"{Table.NameOf(variant)}: those who read missed {trial.Facts[StreamFacts.LostByReaders]:N0} events");
        }

        double left = trials[Variant.Bounded].Facts[StreamFacts.Connections];
        yield return new Check(left == Readers, $"bounded: {left:N0} connections are left of {Readers + Stalled + Vanished}: those who read");
    }

    private static void Serve(IStreams streams, SimulatedClock clock, int seconds)
    {
        for (int connection = 0; connection < Readers + Stalled + Vanished; connection++)
        {
            streams.Connect(connection);
        }

        for (int second = 0; second < seconds; second++)
        {
            streams.Publish(NewEvent(second));
            int reading = second < VanishAfterSeconds ? Readers + Vanished : Readers;
            for (int connection = 0; connection < reading; connection++)
            {
                streams.ReadAll(connection);
            }

            clock.Advance(TimeSpan.FromSeconds(1));
            streams.Note(second);
        }
    }

    private static string NewEvent(int number) => $$"""{"id":{{number}},"text":"{{new string((char)('a' + (number % 26)), 450 + (number * 37 % 1000))}}"}""";
}
