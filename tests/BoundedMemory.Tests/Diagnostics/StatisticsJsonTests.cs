using System.Text.Json;

namespace BoundedMemory.Tests.Diagnostics;

public class StatisticsJsonTests
{
    /// <summary>An exception may say what was to be written; and could not be serialized.</summary>
    [Fact]
    public void Faults_OfStatistics_AreNoPartOfTheirJson()
    {
        var fault = new IOException("what the user said");
        string ring = JsonSerializer.Serialize(new RingStatistics { Added = 17, ArchiveFault = fault });
        string store = JsonSerializer.Serialize(new ConversationStoreStatistics { Added = 17, SinkFault = fault });
        Assert.All([ring, store], (string json) => Assert.Contains("\"Added\":17", json, StringComparison.Ordinal));
        Assert.All([ring, store], (string json) => Assert.DoesNotContain("Fault", json, StringComparison.Ordinal));
    }
}
