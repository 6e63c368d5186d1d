using BoundedMemory.Monitor.CommandLine;

namespace BoundedMemory.Monitor.Judging;

/// <summary>Resident sizes from which on something is to be done.</summary>
/// <param name="Investigate">Of one process.</param>
/// <param name="Act">Of one process; not less.</param>
/// <param name="Total">Of all that are looked at.</param>
internal sealed record Thresholds(ByteSize Investigate, ByteSize Act, ByteSize Total)
{
    public static readonly Thresholds Default = new(ByteSize.FromMegabytes(100), ByteSize.FromMegabytes(500), ByteSize.FromMegabytes(3 * 1024));

    public Verdict Judge(long residentBytes, bool isGrowing = false) =>
        residentBytes >= Act.Bytes ? Verdict.Act
        : residentBytes >= Investigate.Bytes || isGrowing ? Verdict.Investigate
        : Verdict.Ok;

    public Verdict JudgeTotal(long residentBytes) => residentBytes >= Total.Bytes ? Verdict.Review : Verdict.Ok;
}
