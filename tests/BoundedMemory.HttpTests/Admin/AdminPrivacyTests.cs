using System.Diagnostics.Metrics;
using System.Globalization;
using BoundedMemory.Tests.Support;
using Microsoft.Extensions.Logging;

namespace BoundedMemory.HttpTests.Admin;

/// <summary>No key and no value of user data appears in any output.</summary>
public class AdminPrivacyTests
{
    [Fact]
    public async Task UserData_OfEachKind_IsInNoAnswerLogOrMetric()
    {
        string marker = $"user-{Guid.NewGuid():N}";
        using var log = new LogCapture();
        await using AdminServer server = await AdminServer.StartAsync(
            services => Everything.Add(services, new BrokenDisk()), logging: logging => logging.AddProvider(log).SetMinimumLevel(LogLevel.Trace));
        using var metrics = new MeterListener();
        var measured = new Log<string>();
        metrics.InstrumentPublished = (instrument, listener) =>
        {
            if (ReferenceEquals(instrument.Meter.Scope, server.Meters))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        metrics.SetMeasurementEventCallback<long>((instrument, value, tags, _) => measured.Add(Describe(instrument, tags)));
        metrics.SetMeasurementEventCallback<double>((instrument, value, tags, _) => measured.Add(Describe(instrument, tags)));
        metrics.Start();

        var all = new Everything(server.Services, marker);
        var broken = new BrokenCache("broken", new InvalidOperationException(marker));
        CacheMeter.For(server.Meters).Add(broken);
        Patience.Until(() => all.Ring.Statistics.ArchiveFault is not null && all.Conversations.Statistics.SinkFault is not null);
        Assert.Contains(marker, all.Ring.Statistics.ArchiveFault!.Message, StringComparison.Ordinal);

        var answers = new List<string>();
        string[] requests =
        [
            "GET ", "POST /trim?bytes=1000", "POST /trim?part=cache", "GET ", "POST /clear", "POST /clear?part=rings/own%20ring", "POST /trim?part=nothing", "POST /trim?bytes=x",
            "PUT ", "GET ",
        ];
        foreach (string request in requests)
        {
            string[] parts = request.Split(' ');
            answers.Add(await server.SendAsync($"{parts[0]} {AdminServer.Path}{parts[1]}", $"Authorization: Bearer {AdminServer.Token}\n"));
        }

        metrics.RecordObservableInstruments();
        GC.KeepAlive(all);
        GC.KeepAlive(broken);

        // What is told instead is there.
        Assert.Contains("\"fault\":\"IOException\"", answers[0], StringComparison.Ordinal);
        Assert.Contains("\"error\":\"InvalidOperationException\"", string.Concat(answers), StringComparison.Ordinal);
        Assert.Contains(log.Lines.Items, line => line.Contains("clear of all", StringComparison.Ordinal));
        Assert.Contains(measured.Items, line => line.Contains("a cache", StringComparison.Ordinal));
        Assert.All([.. answers, .. log.Lines.Items, .. measured.Items], (string output) => Assert.DoesNotContain(marker, output, StringComparison.Ordinal));
        Assert.All([.. answers, .. log.Lines.Items, .. measured.Items], (string output) => Assert.DoesNotContain(AdminServer.Token, output, StringComparison.Ordinal));
    }

    private static string Describe(Instrument instrument, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
        $"{instrument.Name} {string.Join(' ', tags.ToArray().Select(tag => string.Create(CultureInfo.InvariantCulture, $"{tag.Key}={tag.Value}")))}";
}
