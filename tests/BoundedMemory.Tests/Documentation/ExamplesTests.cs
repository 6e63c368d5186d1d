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
        ];
        foreach (string headline in headlines.Select(name => $"T:BoundedMemory.{name}"))
        {
            Assert.Contains(examples, e => e.Member == headline);
        }

        Assert.All(examples, e => RequireCompiled(e.Member, e.Code));
    }

    [Theory]
    [InlineData("README.md")]
    [InlineData("BoundedMemory.README.md")]
    public void Readme_Examples_AreCompiled(string file)
    {
        MatchCollection blocks = CodeBlock().Matches(File.ReadAllText(Path.Combine(Folder, file)).ReplaceLineEndings("\n"));
        Assert.NotEmpty(blocks);
        Assert.All(blocks, block => RequireCompiled(file, block.Groups[1].Value));
    }

    [Fact]
    public async Task Examples_Run() => await Examples.RunAll();

    private static void RequireCompiled(string where, string code)
    {
        string[] compiled = [.. Directory.GetFiles(Folder, "Examples*.cs").Where(file => !file.EndsWith("Tests.cs", StringComparison.Ordinal)).SelectMany(file => Lines(File.ReadAllText(file)))];
        string[] shown = [.. Lines(code).Where(line => !line.StartsWith("//", StringComparison.Ordinal))];
        bool isThere = Enumerable.Range(0, compiled.Length - shown.Length + 1).Any(at => shown.AsSpan().SequenceEqual(compiled.AsSpan(at, shown.Length)));
        Assert.True(isThere, $"The example of {where} is not in Examples.cs:\n{string.Join('\n', shown)}");
    }

    /// <summary>Without indentation, empty lines and comments at the end of a line.</summary>
    private static string[] Lines(string code) =>
        [.. code.ReplaceLineEndings("\n").Split('\n').Select(line => Comment().Replace(line, "").Trim()).Where(line => line.Length > 0)];

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex CodeBlock();

    [GeneratedRegex("(?<=[;{}]) *//.*$")]
    private static partial Regex Comment();
}
