using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace BoundedMemory.AI.Tests.Documentation;

/// <summary>What the documentation shows compiles: every example is, line by line, part of <c>Examples.cs</c>, which is compiled and run.</summary>
public partial class ExamplesTests
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Documentation");

    [Fact]
    public void XmlDocumentation_Examples_AreCompiled()
    {
        var documentation = XDocument.Load(Path.Combine(AppContext.BaseDirectory, "BoundedMemory.AI.xml"));
        (string Member, string Code)[] examples = [.. documentation.Descendants("example").Select(e => ((string)e.Parent!.Attribute("name")!, e.Element("code")!.Value))];
        foreach (string headline in (string[])["BoundedChatClient", "ChatMessageAdapter", "ConversationWindowChatReducer"])
        {
            Assert.Contains(examples, e => e.Member == $"T:BoundedMemory.{headline}");
        }

        Assert.All(examples, e => RequireCompiled(e.Member, e.Code));
    }

    [Fact]
    public void Readme_Examples_AreCompiled()
    {
        MatchCollection blocks = CodeBlock().Matches(File.ReadAllText(Path.Combine(Folder, "README.md")).ReplaceLineEndings("\n"));
        Assert.NotEmpty(blocks);
        Assert.All(blocks, block => RequireCompiled("README.md", block.Groups[1].Value));
    }

    [Fact]
    public async Task Examples_Run() => await Examples.RunAll();

    private static void RequireCompiled(string where, string code)
    {
        string[] compiled = Lines(File.ReadAllText(Path.Combine(Folder, "Examples.cs")));
        string[] shown = Lines(code);
        bool isThere = Enumerable.Range(0, Math.Max(0, compiled.Length - shown.Length + 1)).Any(at => shown.AsSpan().SequenceEqual(compiled.AsSpan(at, shown.Length)));
        Assert.True(isThere, $"The example of {where} is not in Examples.cs:\n{string.Join('\n', shown)}");
    }

    /// <summary>Without indentation and empty lines.</summary>
    private static string[] Lines(string code) => [.. code.ReplaceLineEndings("\n").Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0)];

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex CodeBlock();
}
