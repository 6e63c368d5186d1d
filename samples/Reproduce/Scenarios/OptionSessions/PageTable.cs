namespace Reproduce;

/// <summary>A table that a page shows: one row for each quote of some strikes, 20 columns of numbers.</summary>
internal sealed class PageTable
{
    private const int Columns = 20;

    /// <summary>Quotes of a strike in the smallest and in the largest table: with 100 strikes 2 and 5 MB.</summary>
    private const int FewestQuotes = 131;
    private const int MostQuotes = 327;

    private readonly double[][] _columns;

    private PageTable(int strikes, int rows)
    {
        Strikes = strikes;
        _columns = [.. Enumerable.Range(0, Columns).Select(column => Enumerable.Range(0, rows).Select(row => row + (column / 100.0)).ToArray())];
    }

    public int Strikes { get; }

    public int Rows => _columns[0].Length;

    /// <summary>Something to compute for a page.</summary>
    public double Total => _columns.Sum(column => column[^1]);

    /// <summary>Loads the table of a number: of one of 16 sizes, evenly spread.</summary>
    /// <param name="number">Which.</param>
    /// <param name="strikes">Strikes that are processed.</param>
    /// <param name="part">What part of those 2 to 5 MB.</param>
    public static PageTable Load(int number, int strikes, double part)
    {
        double quotes = FewestQuotes + ((MostQuotes - FewestQuotes) * (number * 7 % 16) / 15.0);
        return new PageTable(strikes, Math.Max(1, (int)(quotes * strikes * part)));
    }
}
