using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace BoundedMemory.Hosting.Tests.Documentation;

/// <summary>What the documentation shows compiles: every example is, line by line, part of <c>Examples.cs</c>, which is compiled and run.</summary>
public partial class ExamplesTests
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Documentation");

    [Fact]
    public void XmlDocumentation_Examples_AreCompiled()
    {
        var documentation = XDocument.Load(Path.Combine(AppContext.BaseDirectory, "BoundedMemory.Hosting.xml"));
        (string Member, string Code)[] examples = [.. documentation.Descendants("example").Select(e => ((string)e.Parent!.Attribute("name")!, e.Element("code")!.Value))];
        Assert.All(["MemoryPressureLimiter", "WorkerRecycler"], headline => Assert.Contains(examples, e => e.Member == $"T:BoundedMemory.{headline}"));
        Assert.All(examples, e => RequireCompiled(e.Member, e.Code));
    }

    [Fact]
    public void Readme_Examples_AreCompiled()
    {
        MatchCollection blocks = CodeBlock().Matches(File.ReadAllText(Path.Combine(Folder, "README.md")).ReplaceLineEndings("\n"));
        Assert.Equal(2, blocks.Count);
        Assert.All(blocks, block => RequireCompiled("README.md", block.Groups[1].Value));
    }

    [Fact]
    public async Task Examples_Run() => await Examples.RunAll();

    private static void RequireCompiled(string where, string code)
    {
        string compiled = Squeeze(File.ReadAllText(Path.Combine(Folder, "Examples.cs")));
        Assert.True(compiled.Contains(Squeeze(code), StringComparison.Ordinal), $"The example of {where} is not in Examples.cs:\n{code}");
    }

    /// <summary>Without indentation and empty lines.</summary>
    private static string Squeeze(string code) => Blank().Replace(code.ReplaceLineEndings("\n"), "\n").Trim();

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex CodeBlock();

    [GeneratedRegex(" *\n\\s*")]
    private static partial Regex Blank();
}
