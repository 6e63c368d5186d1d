using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace BoundedMemory.Tests.Documentation;

/// <summary>What the documentation shows compiles: every example is, line by line, part of an <c>Examples*.cs</c>, which is compiled and run.</summary>
public partial class ExamplesTests
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Documentation");

    [Fact]
    public void XmlDocumentation_Examples_AreCompiled()
    {
        var documentation = XDocument.Load(Path.Combine(AppContext.BaseDirectory, "BoundedMemory.xml"));
        (string Member, string Code)[] examples = [.. documentation.Descendants("example").Select(e => ((string)e.Parent!.Attribute("name")!, e.Element("code")!.Value))];
        string[] headlines =
        [
            "BoundedCache`2", "TtlTier", "Lease`1", "MemoryBudget", "ObjectSizer", "RingBuffer`1", "ConcurrentRingBuffer`1", "JsonLinesArchive`1",
            "DropOldestQueue`1", "BroadcastHub`1", "ConversationWindow`1", "MessageBuilder`1", "SessionStore", "SessionLease",
