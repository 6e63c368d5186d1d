using BoundedMemory.Monitor.Judging;
using Spectre.Console;

namespace BoundedMemory.Monitor.Output;

/// <summary>Rows under headings, drawn as a table on a terminal and as aligned text elsewhere, where nothing wraps at the width of a screen that is not there.</summary>
/// <param name="headings">One for each column; those that start with <c>&gt;</c> are aligned to the right.</param>
internal sealed class Grid(params string[] headings)
{
    private readonly List<(Cell[] Cells, bool IsTotal)> _rows = [];

    public void Add(params Cell[] cells) => _rows.Add((cells, false));

    /// <summary>A row set off from those above it.</summary>
    public void AddTotal(params Cell[] cells) => _rows.Add((cells, true));

    public Table ToTable()
    {
        Table table = new Table().RoundedBorder().BorderStyle(new Style(Color.Grey));
        foreach (string heading in headings)
        {
            var column = new TableColumn(new Text(heading.TrimStart('>'), new Style(decoration: Decoration.Bold)));
            table.AddColumn(heading.StartsWith('>') ? column.RightAligned().NoWrap() : column);
        }

        foreach ((Cell[] cells, bool isTotal) in _rows)
        {
            if (isTotal && table.Rows.Count > 0)
            {
                table.AddEmptyRow();
            }

            table.AddRow(cells.Select(cell => new Text(cell.Text, StyleOf(cell.Verdict)).Ellipsis()));
        }

        return table;
    }

    public void Write(TextWriter output)
    {
        IReadOnlyList<string[]> lines = [[.. headings.Select(heading => heading.TrimStart('>').ToUpperInvariant())], .. _rows.Select(row => row.Cells.Select(cell => cell.Text).ToArray())];
        int[] widths = [.. headings.Select((_, i) => lines.Max(line => line[i].Length))];
        foreach (string[] line in lines)
        {
            output.WriteLine(string.Join("  ", line.Select((text, i) => headings[i].StartsWith('>') ? text.PadLeft(widths[i]) : text.PadRight(widths[i]))).TrimEnd());
        }
    }

    private static Style? StyleOf(Verdict? verdict) => verdict switch
    {
        Verdict.Ok => new Style(Color.Green),
        Verdict.Investigate => new Style(Color.Yellow),
        Verdict.Act or Verdict.Review => new Style(Color.Red, decoration: Decoration.Bold),
        _ => null,
    };
}
